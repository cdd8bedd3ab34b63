/**
 * The hosts that a program's arguments name.
 *
 * @module
 */

import type { Argument } from "../shell_text/argument.ts";
import type { ArgumentsView } from "./arguments_view.ts";

const URL_HOST = /^[a-z][\w+.-]*:\/\/(?:[^/@\0]*@)?(\[[^\]]*\]|[^/:?#\0]*)(.?)/i;
const REMOTE_PATH = /^(?:[^/@:\s\0]*@)?(\[[^\]]+\]|[\w.-]+):(?!\/\/)/;

/**
 * The hosts of a program's operands and of its URL options.
 *
 * @param view The arguments.
 * @returns The hosts in lower case; undefined for one that is not known.
 */
export function hostsOf(view: ArgumentsView): readonly (string | undefined)[] {
  const urls = view.values.filter(({ option }) =>
    /^(?:--url|--proxy|-x|--resolve|--dns-servers|--connect-to|-J)$/.test(option)
  );
  const named = [...view.operands, ...urls.map(({ value }) => value)];
  if (/^(?:ssh|mosh|autossh|telnet|nc|ncat|netcat|ping|sftp|ftp)$/.test(view.program)) {
    const first = view.operands[0];
    return first === undefined ? [] : [hostOfLogin(first)];
  }
  const isFetcher = /^(?:curl|wget|http|https|xh|aria2c)$/.test(view.program);
  // It leads a name to another address.
  const isLed = urls.some(({ option }) => option === "--resolve" || option === "--dns-servers");
  const led: readonly (string | undefined)[] = isLed ? [undefined] : [];
  return led.concat(named.flatMap((argument) => {
    const host = hostOfArgument(argument, isFetcher);
    return host === null ? [] : [host];
  }));
}

function hostOfLogin({ shape, value }: Argument): string | undefined {
  if (value === undefined) return undefined;
  const url = URL_HOST.exec(shape)?.[1];
  return (url ?? value.replace(/^[^@]*@/, "").replace(/:.*$/, "")).toLowerCase();
}

/** The host; undefined when it is not known, null when the argument names none. */
function hostOfArgument({ shape }: Argument, isFetcher: boolean): string | undefined | null {
  const url = URL_HOST.exec(shape);
  if (url !== null) return url[2] === "\0" || url[1] === "" ? undefined : clean(url[1] ?? "");
  if (shape.startsWith("\0")) return undefined;
  if (isFetcher) {
    return shape.includes("\0") && !/^[^\0]*[/]/.test(shape)
      ? undefined
      : clean(shape.replace(/[/:?#].*$/s, ""));
  }
  const remote = REMOTE_PATH.exec(shape)?.[1];
  return remote === undefined ? null : clean(remote);
}

function clean(host: string): string {
  return host.replace(/^[^@]*@/, "").replace(/^\[|\]$/g, "").toLowerCase();
}
