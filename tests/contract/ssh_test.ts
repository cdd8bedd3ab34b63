import { after } from "node:test";
import { Session } from "../../mod.ts";
import { sessionContract } from "../../src/testing/mod.ts";
import { sshTransportFactory } from "../../src/transports/ssh/ssh_transport.ts";
import { SHELLS } from "../support/open_session.ts";
import { SSHD_SKIP, TestSshd } from "../support/sshd.ts";

let server: Promise<TestSshd> | undefined;

after(async () => await (await server)?.[Symbol.asyncDispose]());

for (const shell of SHELLS) {
  const skip = SSHD_SKIP || shell.skip;
  const terminals = shell.name === "bash" ? ["auto", "none"] as const : ["auto"] as const;
  for (const terminal of terminals) {
    sessionContract({
      name: `ssh, ${shell.dialect}, terminal ${terminal}`,
      ...(skip === false ? {} : { skip }),
      open: async (options) => {
        server ??= TestSshd.start();
        const transport = await sshTransportFactory((await server).options());
        return await Session.open({ transport, shell: shell.name, terminal, ...options });
      },
    });
  }
}
