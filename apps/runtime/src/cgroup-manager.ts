/** Who makes a container's cgroup; `disabled` leaves it in the runtime's own. */
export const cgroupManagers = ['cgroupfs', 'systemd', 'disabled'] as const;
export type CgroupManager = (typeof cgroupManagers)[number];
