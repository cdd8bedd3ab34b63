import { sessionContract } from "../../src/testing/mod.ts";
import { openSession, SHELLS } from "../support/open_session.ts";

for (const shell of SHELLS) {
  const terminals = shell.name === "bash" ? ["auto", "none"] as const : ["auto"] as const;
  for (const terminal of terminals) {
    sessionContract({
      name: `local, ${shell.dialect}, terminal ${terminal}`,
      ...(shell.skip === false ? {} : { skip: shell.skip }),
      open: (options) => openSession(shell, { terminal, ...options }),
    });
  }
}
