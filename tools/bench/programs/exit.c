/* Ends at once: what *life* runs in the container. */
#include "raw.h"

void _start(void) {
  call3(__NR_exit_group, 0, 0, 0);
  __builtin_unreachable();
}
