import { expect, test } from 'vitest';
import { qemuArguments } from '../hardware.ts';

const image = { kernel: '/i/vmlinux', initramfs: '/i/initramfs.cpio', disk: '/i/a,b.ext4' };
const args = qemuArguments({
  image,
  initramfs: '/r/initramfs.cpio',
  shares: [
    { tag: 'workspace', directory: '/w,x', writable: false },
    { tag: 'reports', directory: '/r/reports', writable: true },
  ],
  sockets: { stdout: '/r/stdout', stderr: '/r/stderr', control: '/r/control' },
  console: '/r/console.log',
  append: 'systemd.unified_cgroup_hierarchy=0',
});

/** What follows each of these options. */
function values(option: string): string[] {
  return args.filter((_, index) => args[index - 1] === option);
}

test('starts the kernel with the first root of the run', () => {
  expect(values('-kernel')).toEqual(['/i/vmlinux']);
  expect(values('-initrd')).toEqual(['/r/initramfs.cpio']);
});

test('has arguments for the kernel, the caller’s last', () => {
  expect(values('-append')[0]).toMatch(/apparmor=1 .* systemd\.unified_cgroup_hierarchy=0$/);
});

test('never writes to the image', () => {
  expect(values('-drive')).toEqual(['file=/i/a,,b.ext4,format=raw,if=virtio,snapshot=on']);
});

test('shares a directory read-only unless it is said to be writable', () => {
  expect(values('-fsdev')).toEqual([
    expect.stringMatching(/id=workspace,path=\/w,,x,.*readonly=on$/),
    expect.stringMatching(/id=reports,path=\/r\/reports,.*readonly=off$/),
  ]);
  expect(values('-device')).toContain('virtio-9p-pci,fsdev=reports,mount_tag=reports');
});

test('has a port for each socket', () => {
  expect(values('-chardev')).toContain('socket,id=control,path=/r/control');
  expect(values('-device')).toContain('virtserialport,chardev=control,name=control');
});
