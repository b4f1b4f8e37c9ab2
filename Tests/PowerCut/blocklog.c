/*
 * FUSE file system with one file, "disk", that logs every write and every
 * fsync. A loop device on it turns block device flushes into fsync calls, so
 * the log is what a disk with a volatile write cache would have been told.
 * Writes take their time, the longer the larger, and overtake each other:
 * a disk that answers at once would hide who forgot to wait.
 *
 * usage: blocklog IMAGE LOG MOUNTPOINT   (stays in the foreground)
 */
#define _GNU_SOURCE
#define FUSE_USE_VERSION 31
#include <errno.h>
#include <fcntl.h>
#include <fuse.h>
#include <linux/falloc.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "record.h"

static int image_fd = -1;
static int log_fd = -1;
static off_t image_size;
static pthread_mutex_t log_lock = PTHREAD_MUTEX_INITIALIZER;
static _Atomic uint64_t last_id;

static int append(uint64_t type, uint64_t id, uint64_t off, uint64_t len, const void *data)
{
    struct record rec = { type, id, off, len };
    struct iovec iov[2] = {
        { &rec, sizeof rec },
        { (void *)data, data ? len : 0 },
    };
    ssize_t want = (ssize_t)(iov[0].iov_len + iov[1].iov_len), got;

    pthread_mutex_lock(&log_lock);
    got = writev(log_fd, iov, 2);
    pthread_mutex_unlock(&log_lock);
    return got == want ? 0 : -EIO;
}

/* Up to 20 ns a byte: 0.1 ms for a block, 20 ms for a MiB. */
static void take_time(size_t len)
{
    struct timespec ts = { 0, 0 };

    if (len > 1 << 20)
        len = 1 << 20;
    ts.tv_nsec = (long)((double)rand() / RAND_MAX * 20 * (double)len);
    nanosleep(&ts, NULL);
}

static int is_disk(const char *path)
{
    return strcmp(path, "/disk") == 0;
}

static int bl_getattr(const char *path, struct stat *st, struct fuse_file_info *fi)
{
    (void)fi;
    memset(st, 0, sizeof *st);
    if (strcmp(path, "/") == 0) {
        st->st_mode = S_IFDIR | 0755;
        st->st_nlink = 2;
        return 0;
    }
    if (!is_disk(path))
        return -ENOENT;
    st->st_mode = S_IFREG | 0600;
    st->st_nlink = 1;
    st->st_size = image_size;
    st->st_blocks = image_size / 512;
    return 0;
}

static int bl_readdir(const char *path, void *buf, fuse_fill_dir_t fill, off_t off,
                      struct fuse_file_info *fi, enum fuse_readdir_flags flags)
{
    (void)off;
    (void)fi;
    (void)flags;
    if (strcmp(path, "/") != 0)
        return -ENOENT;
    fill(buf, ".", NULL, 0, 0);
    fill(buf, "..", NULL, 0, 0);
    fill(buf, "disk", NULL, 0, 0);
    return 0;
}

static int bl_open(const char *path, struct fuse_file_info *fi)
{
    if (!is_disk(path))
        return -ENOENT;
    /* No page cache between the loop driver and the log. */
    fi->direct_io = 1;
    return 0;
}

static int bl_read(const char *path, char *buf, size_t len, off_t off, struct fuse_file_info *fi)
{
    ssize_t n;

    (void)path;
    (void)fi;
    n = pread(image_fd, buf, len, off);
    return n < 0 ? -errno : (int)n;
}

static int bl_write(const char *path, const char *buf, size_t len, off_t off,
                    struct fuse_file_info *fi)
{
    uint64_t id;

    (void)path;
    (void)fi;
    if (off + (off_t)len > image_size)
        return -ENOSPC;
    id = ++last_id;
    if (append(REC_WRITE, id, (uint64_t)off, len, buf) != 0)
        return -EIO;
    take_time(len);
    if (pwrite(image_fd, buf, len, off) != (ssize_t)len)
        return -EIO;
    if (append(REC_DONE, id, 0, 0, NULL) != 0)
        return -EIO;
    return (int)len;
}

static int bl_fallocate(const char *path, int mode, off_t off, off_t len,
                        struct fuse_file_info *fi)
{
    uint64_t id;

    (void)path;
    (void)fi;
    if (!(mode & (FALLOC_FL_PUNCH_HOLE | FALLOC_FL_ZERO_RANGE)))
        return -EOPNOTSUPP;
    if (off + len > image_size)
        return -ENOSPC;
    id = ++last_id;
    if (append(REC_ZERO, id, (uint64_t)off, (uint64_t)len, NULL) != 0)
        return -EIO;
    if (fallocate(image_fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, off, len) != 0)
        return -errno;
    return append(REC_DONE, id, 0, 0, NULL);
}

static int bl_fsync(const char *path, int datasync, struct fuse_file_info *fi)
{
    (void)path;
    (void)datasync;
    (void)fi;
    return append(REC_FLUSH, 0, 0, 0, NULL);
}

static const struct fuse_operations operations = {
    .getattr = bl_getattr,
    .readdir = bl_readdir,
    .open = bl_open,
    .read = bl_read,
    .write = bl_write,
    .fallocate = bl_fallocate,
    .fsync = bl_fsync,
};

int main(int argc, char **argv)
{
    struct stat st;

    if (argc != 4) {
        fprintf(stderr, "usage: blocklog IMAGE LOG MOUNTPOINT\n");
        return 2;
    }
    image_fd = open(argv[1], O_RDWR | O_CLOEXEC);
    log_fd = open(argv[2], O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);
    if (image_fd < 0 || log_fd < 0 || fstat(image_fd, &st) != 0) {
        perror("blocklog");
        return 1;
    }
    image_size = st.st_size;

    /* Several threads, so that writes overtake each other. */
    char *args[] = { argv[0], "-f", "-o", "max_idle_threads=10", argv[3], NULL };
    return fuse_main(5, args, &operations, NULL);
}
