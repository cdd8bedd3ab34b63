/**
 * The system calls that a sandbox refuses, as a seccomp program (classic BPF, 8 bytes an
 * instruction, little-endian) for x86-64 and 64-bit ARM in one.
 *
 * The namespaces are the wall. This closes what they leave open: sockets of the file system and of
 * the hypervisor, set-user-ID bits on files that outlive the sandbox, keys typed into a terminal,
 * and the parts of the kernel with the longest list of past escapes.
 *
 * @module
 */

/** How an architecture numbers a system call; absent where it has none of that name. */
interface CallNumbers {
  readonly x86_64?: number;
  readonly aarch64?: number;
}

/** An architecture that the program knows. */
export type SeccompMachine = keyof CallNumbers;

/** AUDIT_ARCH_… of linux/audit.h. */
const MACHINES: Readonly<Record<SeccompMachine, number>> = {
  x86_64: 0xc000003e,
  aarch64: 0xc00000b7,
};

const EPERM = 1;
const ENOSYS = 38;

/** Calls that nothing in a sandbox needs and that reach the kernel, keys or other processes. */
const REFUSED: readonly CallNumbers[] = [
  { x86_64: 101, aarch64: 117 }, // ptrace
  { x86_64: 310, aarch64: 270 }, // process_vm_readv
  { x86_64: 311, aarch64: 271 }, // process_vm_writev
  { x86_64: 312, aarch64: 272 }, // kcmp
  { x86_64: 438, aarch64: 438 }, // pidfd_getfd
  { x86_64: 248, aarch64: 217 }, // add_key
  { x86_64: 249, aarch64: 218 }, // request_key
  { x86_64: 250, aarch64: 219 }, // keyctl
  { x86_64: 321, aarch64: 280 }, // bpf
  { x86_64: 298, aarch64: 241 }, // perf_event_open
  { x86_64: 323, aarch64: 282 }, // userfaultfd
  { x86_64: 246, aarch64: 104 }, // kexec_load
  { x86_64: 320, aarch64: 294 }, // kexec_file_load
  { x86_64: 175, aarch64: 105 }, // init_module
  { x86_64: 313, aarch64: 273 }, // finit_module
  { x86_64: 176, aarch64: 106 }, // delete_module
  { x86_64: 165, aarch64: 40 }, // mount
  { x86_64: 166, aarch64: 39 }, // umount2
  { x86_64: 155, aarch64: 41 }, // pivot_root
  { x86_64: 428, aarch64: 428 }, // open_tree
  { x86_64: 429, aarch64: 429 }, // move_mount
  { x86_64: 430, aarch64: 430 }, // fsopen
  { x86_64: 431, aarch64: 431 }, // fsconfig
  { x86_64: 432, aarch64: 432 }, // fsmount
  { x86_64: 433, aarch64: 433 }, // fspick
  { x86_64: 442, aarch64: 442 }, // mount_setattr
  { x86_64: 467, aarch64: 467 }, // open_tree_attr
  { x86_64: 308, aarch64: 268 }, // setns
  { x86_64: 304, aarch64: 265 }, // open_by_handle_at
  { x86_64: 169, aarch64: 142 }, // reboot
  { x86_64: 167, aarch64: 224 }, // swapon
  { x86_64: 168, aarch64: 225 }, // swapoff
  { x86_64: 163, aarch64: 89 }, // acct
  { x86_64: 179, aarch64: 60 }, // quotactl
  { x86_64: 443, aarch64: 443 }, // quotactl_fd
  { x86_64: 103, aarch64: 116 }, // syslog
];

/**
 * Calls that programs do without when the kernel has none: io_uring makes sockets and files past
 * this filter, and what openat2 is asked for lies in memory that a filter cannot read.
 */
const UNKNOWN: readonly CallNumbers[] = [
  { x86_64: 425, aarch64: 425 }, // io_uring_setup
  { x86_64: 426, aarch64: 426 }, // io_uring_enter
  { x86_64: 427, aarch64: 427 }, // io_uring_register
  { x86_64: 437, aarch64: 437 }, // openat2
];

/** Calls above this number are newer than this table; x32 calls of x86-64 lie above it too. */
const LAST_KNOWN_CALL = 470;

/** Calls that set a file's mode, with the argument that is the mode and that of open's flags. */
const MODE_CALLS: readonly (CallNumbers & { readonly mode: number; readonly flags?: number })[] = [
  { x86_64: 90, mode: 1 }, // chmod
  { x86_64: 91, aarch64: 52, mode: 1 }, // fchmod
  { x86_64: 268, aarch64: 53, mode: 2 }, // fchmodat
  { x86_64: 452, aarch64: 452, mode: 2 }, // fchmodat2
  { x86_64: 133, mode: 1 }, // mknod
  { x86_64: 259, aarch64: 33, mode: 2 }, // mknodat
  { x86_64: 85, mode: 1 }, // creat
  { x86_64: 2, mode: 2, flags: 1 }, // open
  { x86_64: 257, aarch64: 56, mode: 3, flags: 2 }, // openat
];
const SET_ID_BITS = 0o6000;
/** O_CREAT and __O_TMPFILE: without them open's mode is not looked at and may be anything. */
const CREATING_FLAGS = 0o100 | 0o20000000;

const SOCKET: CallNumbers = { x86_64: 41, aarch64: 198 };
const SOCKETPAIR: CallNumbers = { x86_64: 53, aarch64: 199 };
const IOCTL: CallNumbers = { x86_64: 16, aarch64: 29 };
const AF_UNIX = 1;
/** AF_INET, AF_INET6, AF_NETLINK: a network namespace holds these, and vsock it does not. */
const SOCKET_FAMILIES: readonly number[] = [2, 10, 16];
const SOCK_TYPE_MASK = 0xf;
const SOCK_DGRAM = 2;
/** TIOCSTI types keys into a terminal, TIOCLINUX pastes into a console. */
const TERMINAL_REQUESTS: readonly number[] = [0x5412, 0x541c];

/** One instruction of classic BPF. */
interface Instruction {
  readonly code: number;
  readonly jt?: number;
  readonly jf?: number;
  readonly k: number;
}

const NUMBER_OFFSET = 0;
const MACHINE_OFFSET = 4;

const load = (offset: number): Instruction => ({ code: 0x20, k: offset });
/** The low half of an argument: the kernel takes an int, and ignores the rest. */
const loadArgument = (index: number): Instruction => load(16 + 8 * index);
const and = (mask: number): Instruction => ({ code: 0x54, k: mask });
const ALLOW: Instruction = { code: 0x06, k: 0x7fff0000 };
const fail = (errno: number): Instruction => ({ code: 0x06, k: 0x00050000 | errno });
const unless = (jump: { code: number; k: number }, skip: number): Instruction => ({
  ...jump,
  jf: skip,
});
const isEqual = (k: number) => ({ code: 0x15, k });
const isAtLeast = (k: number) => ({ code: 0x35, k });
const hasAny = (k: number) => ({ code: 0x45, k });

/** Runs the body when the loaded word passes, and skips it when not. */
function when(jump: { code: number; k: number }, body: readonly Instruction[]): Instruction[] {
  return [unless(jump, body.length), ...body];
}

function forCall(
  call: CallNumbers,
  machine: SeccompMachine,
  body: readonly Instruction[],
): Instruction[] {
  const number = call[machine];
  return number === undefined ? [] : when(isEqual(number), body);
}

function modeBody(call: { readonly mode: number; readonly flags?: number }): Instruction[] {
  const check = [
    loadArgument(call.mode),
    ...when(hasAny(SET_ID_BITS), [fail(EPERM)]),
  ];
  if (call.flags === undefined) return [...check, ALLOW];
  return [loadArgument(call.flags), ...when(hasAny(CREATING_FLAGS), check), ALLOW];
}

function programFor(machine: SeccompMachine): Instruction[] {
  const families = SOCKET_FAMILIES.flatMap((family) => when(isEqual(family), [ALLOW]));
  return [
    load(NUMBER_OFFSET),
    ...when(isAtLeast(LAST_KNOWN_CALL + 1), [fail(ENOSYS)]),
    ...REFUSED.flatMap((call) => forCall(call, machine, [fail(EPERM)])),
    ...UNKNOWN.flatMap((call) => forCall(call, machine, [fail(ENOSYS)])),
    ...forCall(SOCKET, machine, [loadArgument(0), ...families, fail(EPERM)]),
    // A datagram pair can be connected again, to any socket of the file system.
    ...forCall(SOCKETPAIR, machine, [
      loadArgument(0),
      ...when(isEqual(AF_UNIX), [
        loadArgument(1),
        and(SOCK_TYPE_MASK),
        ...when(isEqual(SOCK_DGRAM), [fail(EPERM)]),
        ALLOW,
      ]),
      fail(EPERM),
    ]),
    ...forCall(IOCTL, machine, [
      loadArgument(1),
      ...TERMINAL_REQUESTS.flatMap((request) => when(isEqual(request), [fail(EPERM)])),
      ALLOW,
    ]),
    ...MODE_CALLS.flatMap((call) => forCall(call, machine, modeBody(call))),
    ALLOW,
  ];
}

/**
 * Makes the program. A call of another architecture, such as a 32-bit one, fails with ENOSYS:
 * it would have other numbers.
 *
 * @returns The program's bytes, as `bwrap --seccomp` reads them.
 */
export function seccompProgram(): Uint8Array {
  const instructions: Instruction[] = [load(MACHINE_OFFSET)];
  for (const machine of ["x86_64", "aarch64"] as const) {
    const body = programFor(machine);
    // A conditional jump reaches 255 instructions, an unconditional one any number.
    instructions.push(
      { code: 0x15, jt: 1, jf: 0, k: MACHINES[machine] },
      { code: 0x05, k: body.length },
      ...body,
    );
  }
  instructions.push(fail(ENOSYS));
  return encode(instructions);
}

function encode(instructions: readonly Instruction[]): Uint8Array {
  const bytes = new Uint8Array(instructions.length * 8);
  const view = new DataView(bytes.buffer);
  instructions.forEach(({ code, jt = 0, jf = 0, k }, index) => {
    view.setUint16(index * 8, code, true);
    view.setUint8(index * 8 + 2, jt);
    view.setUint8(index * 8 + 3, jf);
    view.setUint32(index * 8 + 4, k, true);
  });
  return bytes;
}
