/*
 * Preloaded into kvol: one call that kvol itself makes fails, or kvol dies in its place. What the runtime asks of libc is left alone: a call
 * is kvol's own where it comes from the section of managed code.
 *
 * KVOL_FAULT_LOG    a file that gets a line for each call: its name, the errnos that fit it with commas between, and its path
 * KVOL_FAULT_AT     the number of the call that fails, from 1
 * KVOL_FAULT_ERRNO  the errno it fails with; 0: SIGKILL instead of the call
 * KVOL_FAULT_QUOTA  quotactl_fd says that projects are held to limits, and does nothing, where the kernel has no quotas
 *
 * Every argument of a call is one register on the 64-bit systems that kvol runs on, so all of them are six longs here.
 */
#include <dlfcn.h>
#include <elf.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RAW_OPEN 257
#define RAW_WRITE 1
#define RAW_KILL 62
#define RAW_GETPID 39

static unsigned long code_start, code_end;
static atomic_int calls;
static int fail_at = -1, fail_with, log_fd = -1, quota;

static long raw(long number, long a, long b, long c, long d, long e, long f)
{
	long result;
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	register long r9 __asm__("r9") = f;

	__asm__ volatile("syscall" : "=a"(result) : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9) : "rcx", "r11", "memory");
	return result;
}

/* Where the section __managedcode of this program is: it is linked to a fixed address. */
static void find_code(void)
{
	FILE *self = fopen("/proc/self/exe", "r");
	Elf64_Ehdr head;
	Elf64_Shdr names, section;
	char name[32];

	if (!self || fread(&head, sizeof head, 1, self) != 1 || head.e_type != ET_EXEC)
		goto out;
	fseek(self, head.e_shoff + head.e_shstrndx * sizeof names, SEEK_SET);
	if (fread(&names, sizeof names, 1, self) != 1)
		goto out;
	for (int i = 0; i < head.e_shnum; i++) {
		fseek(self, head.e_shoff + i * sizeof section, SEEK_SET);
		if (fread(&section, sizeof section, 1, self) != 1)
			goto out;
		fseek(self, names.sh_offset + section.sh_name, SEEK_SET);
		if (fread(name, 1, sizeof name, self) >= sizeof "__managedcode" && strcmp(name, "__managedcode") == 0) {
			code_start = section.sh_addr;
			code_end = section.sh_addr + section.sh_size;
		}
	}
out:
	if (self)
		fclose(self);
}

__attribute__((constructor)) static void begin(void)
{
	const char *text;

	find_code();
	if ((text = getenv("KVOL_FAULT_AT")))
		fail_at = atoi(text);
	if ((text = getenv("KVOL_FAULT_ERRNO")))
		fail_with = atoi(text);
	if ((text = getenv("KVOL_FAULT_LOG")))
		log_fd = raw(RAW_OPEN, -100, (long)text, 02002101, 0600, 0, 0); /* O_CLOEXEC O_APPEND O_CREAT O_WRONLY */
	quota = getenv("KVOL_FAULT_QUOTA") != NULL;
}

/* The errno that this call is to fail with, or 0. */
static int fault(void *caller, const char *name, const char *errnos, const char *path)
{
	char line[600];
	int number, length;

	if ((unsigned long)caller < code_start || (unsigned long)caller >= code_end)
		return 0;
	number = atomic_fetch_add(&calls, 1) + 1;
	if (log_fd >= 0 && (fail_at < 0 || number == fail_at)) {
		length = snprintf(line, sizeof line, "%s %s %.400s\n", name, errnos, path ? path : "");
		raw(RAW_WRITE, log_fd, (long)line, length, 0, 0, 0);
	}
	if (number != fail_at)
		return 0;
	if (fail_with == 0)
		raw(RAW_KILL, raw(RAW_GETPID, 0, 0, 0, 0, 0, 0), 9, 0, 0, 0, 0);
	return fail_with;
}

#define ARGUMENTS long a, long b, long c, long d, long e, long f
#define CALL_AFTER(name, path, errnos, first) \
	long fault_##name(ARGUMENTS) __asm__(#name); \
	long fault_##name(ARGUMENTS) \
	{ \
		static long (*real)(ARGUMENTS); \
		int error; \
		if (!real) \
			real = (long (*)(ARGUMENTS))dlsym(RTLD_NEXT, #name); \
		(void)a, (void)b, (void)c, (void)d; \
		error = fault(__builtin_return_address(0), #name, errnos, (const char *)(path)); \
		if (error) { \
			first; \
			errno = error; \
			return -1; \
		} \
		return real(a, b, c, d, e, f); \
	}
#define CALL(name, path, errnos) CALL_AFTER(name, path, errnos, )

/* EIO 5, ENXIO 6, EAGAIN 11, ENOMEM 12, EACCES 13, EBUSY 16, EINVAL 22, ENFILE 23, EMFILE 24, EFBIG 27, ENOSPC 28, EROFS 30, EMLINK 31, ERANGE 34, ENOSYS 38,
   ENODATA 61, EOPNOTSUPP 95, ESTALE 116, EDQUOT 122; EPERM 1, EINTR 4, E2BIG 7 */
CALL(openat, b, "5,24,12,116")
CALL_AFTER(close, 0, "5,4", real(a, b, c, d, e, f))
CALL(statx, b, "5,12,116")
CALL(getdents64, 0, "5,12")
CALL(readlinkat, b, "5,12")
CALL(mkdirat, b, "5,28,122,30")
CALL(mknodat, b, "5,28,122")
CALL(__xmknodat, c, "5,28,122")
CALL(symlinkat, c, "5,28,122")
CALL(linkat, d, "5,28,31")
CALL(unlinkat, b, "5,16,30")
CALL(renameat, d, "5,28,30")
CALL(renameat2, d, "5,28,22")
CALL(fchownat, b, "5,1,122")
CALL(fchmod, 0, "5,1,30")
CALL(fchmodat, b, "5,1,30")
CALL(utimensat, b, "5,1,30")
CALL(futimens, 0, "5,1,30")
CALL(read, 0, "5,4")
CALL(pread, 0, "5,4")
CALL(write, 0, "5,28,4,122")
CALL(pwrite, 0, "5,28,4,122")
CALL(lseek, 0, "5,22")
CALL(ftruncate, 0, "5,28,27")
CALL(splice, 0, "5,22,12")
CALL(copy_file_range, 0, "5,28,22")
CALL(ioctl, 0, "5,1,95")
CALL(fsync, 0, "5,28")
CALL(syncfs, 0, "5,28")
CALL(flock, 0, "4,12")
CALL(fchdir, 0, "5,13")
CALL(umount2, a, "5,16")
CALL(mount, b, "5,12,1")
CALL(fstatfs, 0, "5,4")
CALL(fstatfs64, 0, "5,4")
CALL(fstatvfs, 0, "5,4")
CALL(kill, 0, "1")
CALL(flistxattr, 0, "5,95,12,116")
CALL(fgetxattr, b, "5,61,34,116")
CALL(fsetxattr, b, "5,28,95,1,122,7")
CALL(fremovexattr, b, "5,1")
CALL(llistxattr, a, "5,95,12")
CALL(lgetxattr, b, "5,61")
CALL(lsetxattr, b, "5,28,95")
CALL(getrandom, 0, "4,38")
CALL(poll, 0, "4,12")
CALL(pipe2, 0, "24,23")
CALL(setns, 0, "1,12")
CALL(unshare, 0, "1,12,28")
CALL(chroot, 0, "1,12")
CALL(getrlimit, 0, "1")
CALL(setrlimit, 0, "1")
CALL(setegid, 0, "1")
CALL(dup, 0, "24")
CALL(dup2, 0, "16")
CALL(name_to_handle_at, 0, "5,95,12")
CALL(open_by_handle_at, 0, "5,116,1")

/* linux/quota.h and linux/dqblk_xfs.h: QCMD(command, PRJQUOTA). */
static long quotas(unsigned command, unsigned char *answer)
{
	if (command == (0x5805 << 8 | 2)) { /* Q_XGETQSTAT: version 1, FS_QUOTA_PDQ_ENFD */
		memset(answer, 0, 128);
		answer[0] = 1;
		answer[2] = 1 << 5;
	} else if (command == (0x800007u << 8 | 2)) { /* Q_GETQUOTA: nothing is known of any project */
		errno = ENOENT;
		return -1;
	}
	return 0;
}

long fault_syscall(long number, long a, long b, long c, long d, long e) __asm__("syscall");
long fault_syscall(long number, long a, long b, long c, long d, long e)
{
	const char *name = "syscall", *errnos = "5,12", *path = NULL;
	long result;
	int error;

	switch (number) {
	case 428: name = "open_tree", errnos = "5,12,1", path = (const char *)b; break;
	case 429: name = "move_mount", errnos = "5,12,16"; break;
	case 430: name = "fsopen"; break;
	case 431: name = "fsconfig"; break;
	case 432: name = "fsmount"; break;
	case 437: name = "openat2", errnos = "5,24,12,11,4", path = (const char *)b; break;
	case 442: name = "mount_setattr", errnos = "5,12,1"; break;
	case 443: name = "quotactl_fd"; break;
	case 457: name = "statmount", errnos = "12,38,1"; break;
	case 458: name = "listmount", errnos = "12,38,1"; break;
	}
	error = fault(__builtin_return_address(0), name, errnos, path);
	if (!error && quota && number == 443)
		return quotas((unsigned)b, (unsigned char *)d);
	result = error ? -error : raw(number, a, b, c, d, e, 0);
	if (result < 0 && result > -4096) {
		errno = -result;
		return -1;
	}
	return result;
}
