import { after, before, describe } from "node:test";
import { sessionContract } from "../../src/testing/mod.ts";
import { Session } from "../../src/session/session.ts";
import { dockerTransportFactory } from "../../src/transports/docker/docker_transport.ts";
import {
  DOCKER_SKIP,
  removeImagesAtEnd,
  startContainer,
  type TestContainer,
  type TestImage,
  testImage,
} from "../support/docker.ts";
import { SHELLS } from "../support/open_session.ts";

/** A busybox-only container has no other shell, and no terminal to give. */
const IMAGE_OF = { busybox: "busybox", bash: "shells", dash: "shells", zsh: "shells" } as const;

function skipOf(shell: { readonly skip: string | false }): { skip?: string } {
  const skip = DOCKER_SKIP || shell.skip;
  return skip === false ? {} : { skip };
}

for (const shell of SHELLS) {
  describe(`a container with ${shell.name}`, () => {
    const container = sharedContainer(IMAGE_OF[shell.name], skipOf(shell).skip);
    sessionContract({
      name: `docker, joined, ${shell.dialect}`,
      ...skipOf(shell),
      open: async (options) =>
        await Session.open({
          ...options,
          transport: await dockerTransportFactory({ container: container().name }),
          shell: shell.name,
        }),
    });
  });
}

for (const image of ["busybox", "shells"] as const) {
  sessionContract({
    name: `docker, owned, ${image}`,
    ...skipOf({ skip: false }),
    open: async (options) =>
      await Session.open({
        ...options,
        transport: await dockerTransportFactory({ image: await testImage(image) }),
      }),
  });
}

removeImagesAtEnd();

/** One container for all sessions of a suite: each session leaves it as it found it. */
function sharedContainer(image: TestImage, skip: string | undefined): () => TestContainer {
  let container: TestContainer | undefined;
  before(async () => {
    if (skip === undefined) container = await startContainer(image);
  });
  after(async () => {
    await container?.[Symbol.asyncDispose]();
  });
  return () => {
    if (container === undefined) throw new Error("The container was not started");
    return container;
  };
}
