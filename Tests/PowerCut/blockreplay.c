/*
 * Turns a log of blocklog into the disk as a power cut leaves it.
 *
 * usage: blockreplay list LOG
 *            one line per record: number, end offset in the log, type
 *        blockreplay cut LOG IMAGE K SEED KEEP UNIT
 *            the power goes after K records. What was answered before the last
 *            flush among them is there. Every other write is kept whole, lost
 *            whole, or split into UNIT byte pieces that are kept or lost one by
 *            one (UNIT 0: never split). KEEP is the share kept, 0-100.
 *            IMAGE must hold the state the log starts from.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "record.h"

static const char *log_data;
static size_t log_size;
static uint64_t state;

static void fail(const char *what)
{
    perror(what);
    exit(1);
}

/* splitmix64: the same seed gives the same cut with every libc. */
static uint64_t draw(void)
{
    uint64_t z = (state += 0x9e3779b97f4a7c15u);

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static int chance(unsigned percent)
{
    return draw() % 100 < percent;
}

static void load(const char *path)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0 || fstat(fd, &st) != 0)
        fail(path);
    log_size = (size_t)st.st_size;
    if (log_size != 0) {
        log_data = mmap(NULL, log_size, PROT_READ, MAP_PRIVATE, fd, 0);
        if (log_data == MAP_FAILED)
            fail(path);
    }
    close(fd);
}

/* Reads the record at *pos and moves past it; 0 at the end of the log. */
static int next(size_t *pos, struct record *rec, const char **data)
{
    if (*pos + sizeof *rec > log_size)
        return 0;
    memcpy(rec, log_data + *pos, sizeof *rec);
    *data = log_data + *pos + sizeof *rec;
    *pos += sizeof *rec + (rec->type == REC_WRITE ? rec->len : 0);
    return *pos <= log_size;
}

static void put(int fd, const struct record *rec, const char *data, uint64_t from, uint64_t len)
{
    off_t off = (off_t)(rec->off + from);

    if (rec->type == REC_WRITE) {
        if (pwrite(fd, data + from, len, off) != (ssize_t)len)
            fail("pwrite");
    } else if (fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, off, (off_t)len) != 0) {
        fail("fallocate");
    }
}

static int list(void)
{
    struct record rec;
    const char *data;
    size_t pos = 0;

    for (unsigned long n = 1; next(&pos, &rec, &data); n++)
        printf("%lu %zu %c\n", n, pos, (char)rec.type);
    return 0;
}

static int cut(const char *image, unsigned long k, unsigned keep, uint64_t unit)
{
    struct record rec;
    const char *data;
    size_t pos = 0;
    unsigned long flushed = 0, n, kept = 0, lost = 0, split = 0;
    int fd = open(image, O_WRONLY | O_CLOEXEC);
    /* An id is at most the number of records, and of writes being logged. */
    char *durable = calloc(log_size / sizeof rec + 64, 1);

    if (fd < 0 || durable == NULL)
        fail(image);
    for (n = 1; n <= k && next(&pos, &rec, &data); n++)
        if (rec.type == REC_FLUSH)
            flushed = n;
    pos = 0;
    for (n = 1; n < flushed && next(&pos, &rec, &data); n++)
        if (rec.type == REC_DONE)
            durable[rec.id] = 1;

    pos = 0;
    for (n = 1; n <= k && next(&pos, &rec, &data); n++) {
        if (rec.type != REC_WRITE && rec.type != REC_ZERO)
            continue;
        if (durable[rec.id]) {
            put(fd, &rec, data, 0, rec.len);
        } else if (unit != 0 && keep > 0 && keep < 100 && rec.len > unit && chance(30)) {
            for (uint64_t at = 0; at < rec.len; at += unit)
                if (chance(keep))
                    put(fd, &rec, data, at, rec.len - at < unit ? rec.len - at : unit);
            split++;
        } else if (chance(keep)) {
            put(fd, &rec, data, 0, rec.len);
            kept++;
        } else {
            lost++;
        }
    }
    printf("unflushed: %lu kept, %lu lost, %lu split\n", kept, lost, split);
    return close(fd) == 0 ? 0 : 1;
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "list") == 0) {
        load(argv[2]);
        return list();
    }
    if (argc == 8 && strcmp(argv[1], "cut") == 0) {
        load(argv[2]);
        state = strtoull(argv[5], NULL, 10);
        return cut(argv[3], strtoul(argv[4], NULL, 10), (unsigned)strtoul(argv[6], NULL, 10),
                   strtoull(argv[7], NULL, 10));
    }
    fprintf(stderr, "usage: blockreplay list LOG | cut LOG IMAGE K SEED KEEP UNIT\n");
    return 2;
}
