import { after } from "node:test";
import { Session } from "../../mod.ts";
import { commandSuite } from "../support/command_suite.ts";
import { detachedSuite } from "../support/detached_suite.ts";
import {
  DOCKER_SKIP,
  removeImagesAtEnd,
  startContainer,
  type TestContainer,
  type TestImage,
} from "../support/docker.ts";
import { SSHD_SKIP, TestSshd } from "../support/sshd.ts";

removeImagesAtEnd();

const started: AsyncDisposable[] = [];
after(async () => {
  for (const one of started.reverse()) await one[Symbol.asyncDispose]();
});

/** Starts something once, when it is first needed; it ends with the tests. */
function once<T extends AsyncDisposable>(start: () => Promise<T>): () => Promise<T> {
  let starting: Promise<T> | undefined;
  return () => {
    starting ??= start().then((made) => {
      started.push(made);
      return made;
    });
    return starting;
  };
}

const server = once(() => TestSshd.start());
const overSsh = {
  name: "ssh, bash",
  skip: SSHD_SKIP,
  terminal: true,
  open: async () => {
    return await Session.open({ transport: "ssh", shell: "bash", ...(await server()).options() });
  },
};

function inContainer(image: TestImage, shell: string, terminal: boolean) {
  const container: () => Promise<TestContainer> = once(() => startContainer(image));
  return {
    name: `docker, ${image}`,
    skip: DOCKER_SKIP,
    terminal,
    open: async () => {
      const { name } = await container();
      return await Session.open({ transport: "docker", container: name, shell });
    },
  };
}

for (
  const subject of [
    overSsh,
    inContainer("shells", "bash", true),
    inContainer("busybox", "sh", false),
  ]
) {
  commandSuite(subject);
  if (subject !== overSsh) detachedSuite(subject);
}
