# Works with GNU make and BSD make.
PREFIX = /usr/local
DESTDIR =
DOTNET = dotnet

all:
	./build.sh

# The main job on a scratch root directory, as root; leaves nothing behind.
demo: all
	./demo.sh

# All tests, as root, in a private mount namespace. The last line counts them.
test: all
	sh Tests/run.sh

# The machine with OpenZFS that the tests on ZFS run in: its image, and a shell in it for a person (^A X switches it off).
guest:
	sh Tests/Guest/image.sh

guest-shell: all
	sh Tests/Guest/shell.sh

# Style and formatting.
check:
	$(DOTNET) format kvol.csproj --verify-no-changes --no-restore

# Both systems' code compiles, on the newest framework and on the one in FreeBSD's ports.
cross:
	$(DOTNET) build kvol.csproj -v quiet --nologo -p:KvolOS=Linux
	$(DOTNET) build kvol.csproj -v quiet --nologo -p:KvolOS=FreeBSD
	$(DOTNET) build kvol.csproj -v quiet --nologo -p:KvolOS=Linux -p:KvolFramework=net9.0
	$(DOTNET) build kvol.csproj -v quiet --nologo -p:KvolOS=FreeBSD -p:KvolFramework=net9.0

# The FreeBSD side for this host's own runtime identifier; it opens its libraries by FreeBSD's names.
bin/kvol-freebsd:
	KVOL_OS=FreeBSD ./build.sh

# Prints how kvol compares with cp(1) on this machine, as ratios.
bench: all
	sh bench/run.sh

install:
	mkdir -p $(DESTDIR)$(PREFIX)/sbin
	install -m 755 bin/kvol $(DESTDIR)$(PREFIX)/sbin/kvol

clean:
	rm -rf bin obj Tests/obj

.PHONY: all demo test guest guest-shell check bench cross install clean bin/kvol-freebsd
