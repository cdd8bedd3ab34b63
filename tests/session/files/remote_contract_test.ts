import { after } from "node:test";
import { Session } from "../../../mod.ts";
import { filesContract } from "../../../src/testing/mod.ts";
import { dockerTransportFactory } from "../../../src/transports/docker/docker_transport.ts";
import { sshTransportFactory } from "../../../src/transports/ssh/ssh_transport.ts";
import {
  DOCKER_SKIP,
  removeImagesAtEnd,
  startContainer,
  type TestContainer,
  testImage,
} from "../../support/docker.ts";
import { SSHD_SKIP, TestSshd } from "../../support/sshd.ts";

let server: Promise<TestSshd> | undefined;
let container: Promise<TestContainer> | undefined;

after(async () => {
  await (await server)?.[Symbol.asyncDispose]();
  await (await container)?.[Symbol.asyncDispose]();
});

filesContract({
  name: "ssh",
  ...(SSHD_SKIP === false ? {} : { skip: SSHD_SKIP }),
  open: async () => {
    server ??= TestSshd.start();
    return await Session.open({ transport: await sshTransportFactory((await server).options()) });
  },
});

filesContract({
  name: "docker, joined, busybox only",
  ...(DOCKER_SKIP === false ? {} : { skip: DOCKER_SKIP }),
  open: async () => {
    container ??= startContainer("busybox");
    const transport = await dockerTransportFactory({ container: (await container).name });
    return await Session.open({ transport });
  },
});

filesContract({
  name: "docker, owned, with a read-only root",
  ...(DOCKER_SKIP === false ? {} : { skip: DOCKER_SKIP }),
  open: async () =>
    await Session.open({
      transport: await dockerTransportFactory({ image: await testImage("shells") }),
    }),
});

removeImagesAtEnd();
