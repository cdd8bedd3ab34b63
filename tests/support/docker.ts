/**
 * Containers for tests, on the engine of this machine. No registry is asked: the images are built
 * of this machine's own programs and imported.
 *
 * @module
 */

import { execFile, execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { homedir } from "node:os";
import { after } from "node:test";
import { isInstalled, makeTestFolder } from "./open_session.ts";

/** What the name of everything begins with that the tests make on the engine. */
export const TEST_PREFIX = "execkit-test-";

/** Milliseconds for the engine to answer; it is asked once, and may be starting. */
const ENGINE_ANSWERS_MS = 30_000;
const OUTPUT_MAX_BYTES = 64 * 1024 * 1024;

/** Why there can be no containers here; false when there can. */
export const DOCKER_SKIP: string | false = whyNoDocker();

function whyNoDocker(): string | false {
  if (!isInstalled("docker")) return "docker is not installed";
  if (!isInstalled("busybox")) return "busybox is not installed";
  try {
    const args = ["version", "--format", "{{.Server.Os}}"];
    execFileSync("docker", args, { stdio: "pipe", timeout: ENGINE_ANSWERS_MS });
    return false;
  } catch {
    return "no Docker engine answers";
  }
}

/**
 * Runs the docker command.
 *
 * @param args Its arguments.
 * @returns What it wrote to standard output, without the last newline.
 * @throws {Error} When it fails, with what it wrote to standard error.
 */
export function docker(...args: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile("docker", args, { maxBuffer: OUTPUT_MAX_BYTES }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout.replace(/\n$/, ""));
      else reject(new Error(`docker ${args[0]}: ${stderr}`));
    });
  });
}

/** What is inside: busybox and nothing else, or the four shells with the usual programs. */
export type TestImage = "busybox" | "shells";

const COMMON_ROOT = `
set -e
cd "$1"
chmod 755 .
mkdir -p bin etc tmp root home/user dev proc sys usr
chmod 1777 tmp
printf 'root:x:0:0:root:/root:/bin/sh\\nuser:x:1000:1000::/home/user:/bin/sh\\n' >etc/passwd
printf 'root:x:0:\\nuser:x:1000:\\n' >etc/group
chown 1000:1000 home/user`;

/** A busybox that is linked statically, with a link for each of its programs. */
const BUSYBOX_ROOT = `${COMMON_ROOT}
cp "$(command -v busybox)" bin/busybox
for name in $(busybox --list); do [ -e "bin/$name" ] || ln -s busybox "bin/$name"; done`;

/** This machine's shells and programs, with the libraries that ldd and their modules name. */
const SHELLS_ROOT = `${COMMON_ROOT}
take() { [ -e ".$1" ] || { mkdir -p ".\${1%/*}"; cp -L "$1" ".$1"; }; }
libraries() { ldd "$1" 2>/dev/null | tr ' \\t' '\\n\\n' | grep '^/' | while read -r f; do take "$f"; done; }
for name in bash dash zsh script cat chmod cp date dd df dirname env expr false grep head id kill ln \
  ls mkdir mkfifo mktemp mv nohup printf ps pwd readlink rm sed seq setsid sha256sum sleep sort stat \
  stty sync tail tee test timeout touch tr true tty uname uniq wc xargs yes; do
  path=$(command -v "$name") || continue
  case $path in /*) ;; *) path=/usr/bin/$name ;; esac
  [ -e "$path" ] || continue
  cp -L "$path" "bin/$name"
  libraries "$path"
done
ln -s dash bin/sh
for module in $(find /usr/lib -path '*/zsh/*' -name '*.so'); do take "$module"; libraries "$module"; done
mkdir -p usr/bin && ln -sf ../../bin/env usr/bin/env`;

const ROOTS: Readonly<Record<TestImage, string>> = {
  busybox: BUSYBOX_ROOT,
  shells: SHELLS_ROOT,
};

const images = new Map<TestImage, Promise<string>>();

/**
 * Gives an image, which is built when it is first asked for.
 *
 * @param image What is inside.
 * @returns Its reference.
 */
export function testImage(image: TestImage): Promise<string> {
  let reference = images.get(image);
  if (reference === undefined) {
    reference = importRoot(ROOTS[image], image);
    images.set(image, reference);
  }
  return reference;
}

/**
 * Imports a root file system as an image.
 *
 * @param script Makes the root in the directory `$1`.
 * @param name What it is called, behind the prefix.
 * @returns The image's reference.
 */
export async function importRoot(script: string, name: string): Promise<string> {
  using folder = makeTestFolder();
  const reference = `${TEST_PREFIX}${name}:${randomUUID()}`;
  const text = `(${script}\n) >&2 && tar -C "$1" -c . | docker import - "$2"`;
  await new Promise<void>((resolve, reject) => {
    execFile("sh", ["-c", text, "sh", folder.path, reference], (error) => {
      if (error === null) resolve();
      else reject(error);
    });
  });
  return reference;
}

/** Removes the images that this process has built. A test file calls it once, at its top. */
export function removeImagesAtEnd(): void {
  after(async () => {
    const built = await Promise.all(images.values());
    images.clear();
    if (built.length > 0) await docker("image", "rm", "--force", ...built);
  });
}

/** A running container; disposing of it removes it. */
export interface TestContainer extends AsyncDisposable {
  /** Its name. */
  readonly name: string;
  /** Runs a script in it with `sh`, as root. */
  run(script: string): Promise<string>;
}

/**
 * Starts a container that does nothing until it is removed.
 *
 * @param image What is inside.
 * @param options Options of `docker run`.
 * @returns The container.
 */
export async function startContainer(
  image: TestImage,
  ...options: string[]
): Promise<TestContainer> {
  const name = `${TEST_PREFIX}${randomUUID()}`;
  const fixed = ["--detach", "--init", "--network=none", "--name", name, "--label", TEST_PREFIX];
  await docker("run", ...fixed, ...options, await testImage(image), "sleep", "100000");
  return {
    name,
    run: (script) => docker("exec", name, "sh", "-c", script),
    [Symbol.asyncDispose]: async () => {
      await docker("rm", "--force", "--volumes", name);
    },
  };
}

/**
 * Lists the processes of a container, those of the listing left out.
 *
 * @param container The container.
 * @returns Their command lines, sorted.
 */
export async function processesIn(container: TestContainer): Promise<string[]> {
  // A process may end while it is listed, and its file with it.
  const listed = await container.run(
    `for d in /proc/[0-9]*; do
      [ "\${d#/proc/}" = $$ ] || { tr '\\0\\n' '  ' <"$d/cmdline" && echo; } 2>/dev/null
    done
    :`,
  );
  return listed.split("\n").map((line) => line.trim()).filter((line) => line !== "").sort();
}

/** The mark of a session, as the processes of its container carry it. */
export const MARK_COMMAND = 'echo "$EXECKIT_SESSION"';

/**
 * What Deno must let a program do for Docker sessions on the engine of this machine: the flags that
 * docs/docker.md names.
 */
export const DOCKER_FLAGS: readonly string[] = [
  "--allow-env",
  "--allow-net=unix:/var/run/docker.sock",
  `--allow-read=/var/run/docker.sock,${homedir()}/.docker`,
  "--allow-write=/var/run/docker.sock",
];
