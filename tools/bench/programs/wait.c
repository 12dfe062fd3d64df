/* Says that it runs, then stays: what *memory* looks beside. */
#include "raw.h"

void _start(void) {
  char ready = '\n';
  call3(__NR_write, 1, (long)&ready, 1);
  for (;;) call3(__NR_ppoll, 0, 0, 0);
}
