import type { Image } from './image/image.ts';

/** The machine's ports by which the guest speaks to us, each a Unix socket here. */
export const ports = ['stdout', 'stderr', 'control'] as const;
export type Port = (typeof ports)[number];

/** A directory of the host that the guest may mount by its tag, over 9p. */
export interface Share {
  readonly tag: string;
  readonly directory: string;
  readonly writable: boolean;
}

export interface Hardware {
  readonly image: Image;
  /** The whole first root, the image's with the job's. */
  readonly initramfs: string;
  readonly shares: readonly Share[];
  readonly sockets: Readonly<Record<Port, string>>;
  /** Receives what the console shows. */
  readonly console: string;
  /** More arguments for the kernel. */
  readonly append: string;
}

const kernelArguments = [
  'console=ttyS0',
  'quiet',
  'panic=-1', // with -no-reboot: a kernel that panics ends the machine
  'apparmor=1',
  'security=apparmor',
  'systemd.unit=vm.target',
  'systemd.show_status=error',
];

/**
 * The arguments of `qemu-system-x86_64`: two processors in two NUMA nodes, 2 GiB, the image's disk
 * (what is written to it is dropped), and no network. Not KVM: tests are to see the same
 * machine wherever they run, and where we run KVM is there and does not work.
 */
export function qemuArguments(hardware: Hardware): string[] {
  const { image, initramfs, shares, sockets, console, append } = hardware;
  return [
    ...['-machine', 'q35', '-accel', 'tcg,thread=multi', '-cpu', 'max', '-smp', '2', '-m', '2G'],
    ...[0, 1].flatMap((node) => [
      ...['-object', `memory-backend-ram,id=memory${node},size=1G`],
      ...['-numa', `node,nodeid=${node},memdev=memory${node},cpus=${node}`],
    ]),
    ...['-nodefaults', '-no-user-config', '-no-reboot', '-display', 'none'],
    ...['-chardev', `file,id=console,path=${value(console)}`, '-serial', 'chardev:console'],
    ...['-kernel', image.kernel, '-initrd', initramfs],
    ...['-append', [...kernelArguments, append].join(' ').trim()],
    ...['-drive', `file=${value(image.disk)},format=raw,if=virtio,snapshot=on`],
    ...['-device', 'virtio-serial-pci'],
    ...ports.flatMap((port) => [
      ...['-chardev', `socket,id=${port},path=${value(sockets[port])}`],
      ...['-device', `virtserialport,chardev=${port},name=${port}`],
    ]),
    ...shares.flatMap(({ tag, directory, writable }) => [
      '-fsdev',
      `local,id=${tag},path=${value(directory)},security_model=none,multidevs=remap,readonly=${writable ? 'off' : 'on'}`,
      ...['-device', `virtio-9p-pci,fsdev=${tag},mount_tag=${tag}`],
    ]),
  ];
}

/** In qemu's lists of options a comma is doubled. */
function value(text: string): string {
  return text.replaceAll(',', ',,');
}
