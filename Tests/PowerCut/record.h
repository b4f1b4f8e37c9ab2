/* Log format shared by the recorder and the replayer. */
#ifndef RECORD_H
#define RECORD_H
#include <stdint.h>

/*
 * A write is logged when it arrives (REC_WRITE with len bytes of data behind
 * it, or REC_ZERO) and, with the same id, when it is answered (REC_DONE). A
 * flush vouches only for what was answered before it arrived.
 */
enum { REC_WRITE = 'W', REC_ZERO = 'Z', REC_DONE = 'D', REC_FLUSH = 'F' };

struct record {
    uint64_t type;
    uint64_t id;
    uint64_t off;
    uint64_t len;
};
#endif
