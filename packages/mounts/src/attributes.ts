import {
  AT_EMPTY_PATH,
  AT_RECURSIVE,
  type Fd,
  type Kernel,
  MOUNT_ATTR_NODEV,
  MOUNT_ATTR_NOEXEC,
  MOUNT_ATTR_NOSUID,
  MOUNT_ATTR_NOSYMFOLLOW,
  MOUNT_ATTR_RDONLY,
  type MountAttributes,
} from '@oci/kernel';
import {
  type Attributes,
  combine,
  namesAttributes,
  noAttributes,
  type ParsedOptions,
  type Propagation,
} from './options.ts';

/** One mount_setattr(2). */
export interface AttributeChange {
  readonly recursive: boolean;
  readonly attributes: MountAttributes;
}

/** The flags that a bind mount does not take over from its source once its options name any. */
const notInherited =
  MOUNT_ATTR_RDONLY |
  MOUNT_ATTR_NOSUID |
  MOUNT_ATTR_NODEV |
  MOUNT_ATTR_NOEXEC |
  MOUNT_ATTR_NOSYMFOLLOW;

/** The attributes that `mount --bind -o` gives: those named and no others. */
function exactly({ set, clear }: Attributes): Attributes {
  return { set, clear: clear | (notInherited & ~set) };
}

/** In the order in which they are to be made. Without any option there are none. */
export function attributeChanges(
  options: Pick<ParsedOptions, 'bind' | 'attributes' | 'recursive' | 'propagation'>,
  inherit: boolean,
): AttributeChange[] {
  // Nothing is beneath a mount that is alone: one call does for both.
  const alone = options.bind !== 'tree';
  const own = inherit || !namesAttributes(options.attributes) ? undefined : exactly;
  const attributes = own ? own(options.attributes) : options.attributes;
  const changes: AttributeChange[] = [];
  const change = (recursive: boolean, attributes: MountAttributes) =>
    changes.push({ recursive, attributes });

  if (alone) {
    const both = combine(attributes, options.recursive);
    if (namesAttributes(both)) change(false, both);
  } else {
    if (namesAttributes(attributes)) change(false, attributes);
    if (namesAttributes(options.recursive)) change(true, options.recursive);
  }
  for (const { type, recursive: asked } of options.propagation) {
    const recursive = asked && !alone;
    const last = changes.at(-1);
    if (last?.recursive === recursive && last.attributes.propagation === undefined)
      changes[changes.length - 1] = {
        recursive,
        attributes: { ...last.attributes, propagation: type },
      };
    else change(recursive, { propagation: type });
  }
  return changes;
}

/** Makes the changes on a mount's descriptor. */
export function setAttributes(k: Kernel, mount: Fd, changes: readonly AttributeChange[]): void {
  for (const { recursive, attributes } of changes)
    k.mount_setattr(mount, '', AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0), attributes);
}

/** Gives a single mount its propagation. */
export function setPropagation(k: Kernel, mount: Fd, propagation: readonly Propagation[]): void {
  const changes = { bind: undefined, attributes: noAttributes, recursive: noAttributes };
  setAttributes(k, mount, attributeChanges({ ...changes, propagation }, true));
}
