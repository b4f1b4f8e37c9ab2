# Works with GNU make and BSD make.
PREFIX ?= /usr/local
MANDIR ?= $(PREFIX)/share/man
BASHDIR ?= $(PREFIX)/share/bash-completion/completions
FISHDIR ?= $(PREFIX)/share/fish/vendor_completions.d
ZSHDIR ?= $(PREFIX)/share/zsh/site-functions
# Empty: the units of systemd and the file for cron(8) are not installed. Neither runs before it is enabled, or copied.
UNITDIR ?= $(PREFIX)/lib/systemd/system
EXAMPLESDIR ?= $(PREFIX)/share/examples/kvol
# Empty: podman's hooks are not installed. On Linux podman looks in /usr/share/containers/oci/hooks.d by itself.
HOOKSDIR ?= $(PREFIX)/share/containers/oci/hooks.d
DESTDIR =
BIN = bin/kvol
DOTNET = dotnet
BMAKE = bmake

# By these names the ports tree says how it installs.
BSD_INSTALL_PROGRAM ?= install -m 755
BSD_INSTALL_MAN ?= install -m 644

# First what a command needs, then what it does.
.NOTPARALLEL:

# BSD make would work in obj, because there is such a directory.
.OBJDIR: .

all:
	PREFIX=$(PREFIX) ./build.sh

# The main job on a scratch root directory, as root; leaves nothing behind.
demo: all
	./demo.sh

# Both systems' code and the tests of its parsers, as any user, in seconds: neither root nor a mount is needed.
quick: setup-quick
	sh Tests/quick.sh

# All tests, as root, in a private mount namespace. The last line counts them. TESTS chooses some, as '-class Kvol.Tests.Rm';
# KVOL_TEST_TIMES=1 says which classes took the longest.
test: setup-test all bin/kvol-freebsd
	sh Tests/run.sh $(TESTS)

# All but those in the test machine and those with FreeBSD's side.
test-linux: setup-test-linux all
	KVOL_GUEST_IMAGE= sh Tests/run.sh -trait- Needs=Machine $(TESTS)

# Only those with FreeBSD's side of kvol, against a stand-in for its libc: Tests/FreeBSD/README.md.
test-freebsd: setup-test all bin/kvol-freebsd
	KVOL_TEST_OS=FreeBSD sh Tests/run.sh $(TESTS)

# The long run of what the suite does for a minute: failing calls, kills, swaps, random commands, damaged input. It prints a table of figures.
# KVOL_TORTURE_ERRORS, _KILLS, _SWAPS, _COMMANDS, _INPUTS and _SEED say how much of each: see Tests/Torture/README.md.
torture: setup-test all
	sh Tests/Torture/run.sh

# 'make demo' and most of 'make test' in a new Debian of debootstrap(8) that holds the SDK and nothing else.
test-fresh: setup-fresh
	sh Tests/fresh.sh

# The machine with OpenZFS that the tests on ZFS run in: its image, and a shell in it for a person (^A X switches it off).
guest: setup-guest
	sh Tests/Guest/image.sh

guest-shell: setup-guest all
	sh Tests/Guest/shell.sh

# Style and formatting, and what the analyzers say of the tests, which 'make test' builds without them.
check: setup-build
	$(DOTNET) format kvol.csproj --verify-no-changes --no-restore
	$(DOTNET) build Tests -v quiet --nologo

# Both systems' code compiles, on the newest framework and on the one in FreeBSD's ports.
cross: setup-build
	$(DOTNET) build kvol.csproj -v quiet --nologo -p:KvolOS=Linux
	$(DOTNET) build kvol.csproj -v quiet --nologo -p:KvolOS=FreeBSD
	$(DOTNET) build kvol.csproj -v quiet --nologo -p:KvolOS=Linux -p:KvolFramework=net9.0
	$(DOTNET) build kvol.csproj -v quiet --nologo -p:KvolOS=FreeBSD -p:KvolFramework=net9.0

# The FreeBSD side for this host's own runtime identifier; it opens its libraries by FreeBSD's names.
bin/kvol-freebsd:
	KVOL_OS=FreeBSD ./build.sh

# Prints how kvol compares with cp(1) on this machine, as ratios.
bench: setup-bench all
	sh bench/run.sh

# How kvol's cost grows with mounts, volumes, attachments, snapshots, entries, depth and links.
bench-scale: setup-bench all
	sh bench/scale.sh

# Export and import of many small files, against tar(1) and podman(1).
bench-archive: setup-bench all
	bash bench/archive.sh

# In the test machine: kvol against zfs(8) and a shell script, as ratios.
bench-zfs: setup-test all
	sh Tests/run.sh -class Kvol.Tests.Zfs.Bench -explicit only -showLiveOutput

install:
	mkdir -p $(DESTDIR)$(PREFIX)/sbin $(DESTDIR)$(BASHDIR) $(DESTDIR)$(FISHDIR) $(DESTDIR)$(ZSHDIR)
	$(BSD_INSTALL_PROGRAM) $(BIN) $(DESTDIR)$(PREFIX)/sbin/kvol
	INSTALL_MAN="$(BSD_INSTALL_MAN)" sh docs/man.sh $(DESTDIR)$(MANDIR)
	$(BSD_INSTALL_MAN) Commands/Shells/bash $(DESTDIR)$(BASHDIR)/kvol
	$(BSD_INSTALL_MAN) Commands/Shells/fish $(DESTDIR)$(FISHDIR)/kvol.fish
	$(BSD_INSTALL_MAN) Commands/Shells/zsh $(DESTDIR)$(ZSHDIR)/_kvol
	INSTALL="$(BSD_INSTALL_MAN)" PREFIX="$(PREFIX)" sh port/install-examples.sh "$(DESTDIR)" "$(UNITDIR)" "$(EXAMPLESDIR)" "$(HOOKSDIR)"

# What can be said of the manual pages, the scripts and the port without running them; 'make test' does this and runs them.
lint: setup-lint
	$(BMAKE) -n all test cross install >/dev/null
	mandoc -T lint -W warning docs/*.[58]
	for script in docs/*.sh port/*.sh Tests/Port/*.sh Tests/Port/acceptance/*.sh port/sysutils/kvol/files/k*.in port/sysutils/kvol/files/[0-9]*.in; do \
		sh -n $$script && checkbashisms --force $$script || exit 1; done
	cd port/sysutils/kvol && $(BMAKE) -r -m ../../../Tests/Port/stubs -n stage >/dev/null

# The packages that the port fetches, and their checksums.
port-distinfo:
	sh port/make-distinfo.sh $(DISTDIR)

# A port to commit: make release-port SITE=URL NUGET_SITE=URL MAINTAINER=ADDRESS. See port/release.sh.
release-port:
	@SITE="$(SITE)" NUGET_SITE="$(NUGET_SITE)" MAINTAINER="$(MAINTAINER)" sh port/release.sh

# What the commands above need: see setup.sh.
setup-test:
	@sh setup.sh build lint guest test

setup-test-linux:
	@sh setup.sh build lint test

setup-quick setup-build setup-guest setup-lint setup-bench setup-fresh:
	@sh setup.sh $$(echo $@ | sed 's/setup-//')

clean:
	rm -rf bin obj Tests/obj Tests/Unit/obj

.PHONY: all demo quick test test-linux test-freebsd test-fresh torture guest guest-shell check bench bench-scale bench-archive bench-zfs cross install lint \
	port-distinfo release-port clean bin/kvol-freebsd setup-test setup-test-linux setup-quick setup-build setup-guest setup-lint setup-bench setup-fresh
