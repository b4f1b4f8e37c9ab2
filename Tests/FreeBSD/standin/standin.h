/*
 * A stand-in for FreeBSD's libc.so.7 on Linux: the functions that kvol imports, with FreeBSD's structure layouts, flag
 * values and errno numbers, made of Linux system calls and bind mounts. See ../README.md for what it models.
 *
 * Every function is exported under FreeBSD's name but called fb_NAME here, and uses raw system calls, so that neither the
 * host's libc nor the .NET runtime meets it.
 */
#ifndef STANDIN_H
#define STANDIN_H
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

#include "abi.h" /* made from ../abi-13.5-amd64.json: FB_NAME for each constant and errno */

#define EXPORT(type, name, ...) \
	type fb_##name(__VA_ARGS__) __asm__(#name); \
	__attribute__((visibility("default"))) type fb_##name(__VA_ARGS__)

struct fb_timespec { int64_t tv_sec, tv_nsec; };

struct fb_iovec { void *iov_base; size_t iov_len; };

struct fb_stat {
	uint64_t st_dev, st_ino, st_nlink;
	uint16_t st_mode, st_padding0;
	uint32_t st_uid, st_gid, st_padding1;
	uint64_t st_rdev;
	struct fb_timespec st_atim, st_mtim, st_ctim, st_birthtim;
	int64_t st_size, st_blocks;
	int32_t st_blksize;
	uint32_t st_flags;
	uint64_t st_gen, st_spare[10];
};

struct fb_fsid { int32_t val[2]; };

struct fb_statfs {
	uint32_t f_version, f_type;
	uint64_t f_flags, f_bsize, f_iosize, f_blocks, f_bfree;
	int64_t f_bavail;
	uint64_t f_files;
	int64_t f_ffree;
	uint64_t f_syncwrites, f_asyncwrites, f_syncreads, f_asyncreads, f_spare[10];
	uint32_t f_namemax, f_owner;
	struct fb_fsid f_fsid;
	char f_charspare[80], f_fstypename[FB_MFSNAMELEN], f_mntfromname[FB_MNAMELEN], f_mntonname[FB_MNAMELEN];
};

struct fb_dirent {
	uint64_t d_fileno;
	int64_t d_off;
	uint16_t d_reclen;
	uint8_t d_type, d_pad0;
	uint16_t d_namlen, d_pad1;
	char d_name[FB_NAME_MAX + 1];
};

#include "abi-asserts.h" /* _Static_assert of each size and offset that the ABI file has for these */

/* errno.c */
int fb_errno(int linux_errno);
long fb_result(long result);		/* -1 with the host's errno turned into FreeBSD's number */
long fb_fail(int freebsd_errno);

/* mounts.c */
struct fb_mount {
	int id, parent;			/* of mountinfo */
	unsigned major, minor;
	int nullfs, made;		/* a bind mount; a file system that nmount made */
	uint64_t flags;			/* MNT_*: its own */
	uint64_t effective;		/* and those of what is below it */
	struct fb_fsid fsid, lower;	/* lower: of the file system below a nullfs that nmount made */
	char type[FB_MFSNAMELEN], from[FB_MNAMELEN], on[FB_MNAMELEN];
	char path[4096];		/* where it is now */
};
/* The mount that a descriptor's or a name's object is seen through, by its mountinfo id; 0, or -1. */
int fb_find_mount(int id, struct fb_mount *found);

/* files.c */
int fb_statx(int at, const char *path, int linux_flags, void *statx);

/* hidden.c: what Linux does not keep of a file, in attributes that the program does not see. An empty path means the descriptor. */
ssize_t fb_hidden(int at, const char *path, const char *name, char *value, size_t size);	/* a string; -1 when there is none */
int fb_hide(int at, const char *path, const char *name, const char *value);			/* NULL removes it */
int fb_is_hidden(const char *attribute);
uint32_t fb_hidden_flags(int at, const char *path);
/* EPERM where a file has one of these flags, or its directory one of those; 0 otherwise. */
int fb_forbidden(int at, const char *path, uint32_t flags, uint32_t of_directory);
/* A counter of an environment variable: whether it was above 0, and takes 1 from it. */
int fb_once_more(const char *variable);
/* acls.c: what a new file takes from the list of its directory. */
void fb_inherit(int at, const char *path, int is_directory);

#define FORBIDS_CHANGE (FB_UF_IMMUTABLE | FB_SF_IMMUTABLE | FB_UF_APPEND | FB_SF_APPEND)
#define FORBIDS_REMOVAL (FORBIDS_CHANGE | FB_UF_NOUNLINK | FB_SF_NOUNLINK)
#define LINUX(name, ...) syscall(SYS_##name, ##__VA_ARGS__)
#endif
