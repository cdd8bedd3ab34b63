import { filesContract } from "../../../src/testing/mod.ts";
import { makeTestFolder } from "../../support/open_session.ts";
import { AS_NOBODY, FilesRig, NOBODY_SKIP, RIG_SHELLS } from "./files_rig.ts";

for (const shell of RIG_SHELLS) {
  filesContract({
    name: `local, side scripts in ${shell.name}`,
    ...(shell.skip === false ? {} : { skip: shell.skip }),
    open: async () => {
      const folder = makeTestFolder();
      const rig = await FilesRig.open({ aside: shell.prepare(folder) });
      return {
        files: rig.files,
        exec: (command) => rig.exec(command),
        async [Symbol.asyncDispose]() {
          await rig[Symbol.asyncDispose]();
          folder[Symbol.dispose]();
        },
      };
    },
  });
}

filesContract({
  name: "local, as a user who may little",
  ...(NOBODY_SKIP === false ? {} : { skip: NOBODY_SKIP }),
  open: () => FilesRig.open({ launch: AS_NOBODY, aside: AS_NOBODY }),
});
