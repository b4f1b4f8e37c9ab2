namespace Kvol.Tests;

public partial class DryRuns
{
    // The words of a command, $T is the box and $R its root directory, and the exit status with and without -n.
    private static readonly (string Words, int Exit)[] Commands =
    [
        ("create new", 0), ("create", 0), ("create db -l x=y", 0), ("create no/name", 64), ("create q --quota 1G", 69),
        ("create e -o atime=off", 69), ("create db -o atime=off", 69), ("create o --owner 7:8 --mode 0750 -l k=v", 0),
        ("rm db", 0), ("rm web", 75), ("rm none", 66), ("rm -f web", 0), ("rm --keep 1d db", 0), ("rm none db", 1), ("rm db@none", 66),
        ("mount $R new:/n", 0), ("mount $R new:/data", 0), ("mount $R none:/x:nocreate", 66), ("mount $R db:/a/b/c:ro,nosuid new:/a", 0),
        ("mount $R web:/www", 0), ("mount $R db:/www", 75), ("mount $R web:/www:ro", 75), ("mount $R $T/host:/h", 0),
        ("mount $R $T/absent:/h", 66), ("mount $R $T/absent:/h:create-source", 0), ("mount $R db:/ok none:/x:nocreate", 66),
        ("mount $R db@none:/o", 66), ("mount $R none@s:/o", 66), ("mount $R db@s:/o:rw", 64),
        ("mount $R db:/f:subpath=file", 0), ("mount $R new:/f:subpath=file", 66), ("mount $T/none db:/x", 66),
        ("mount $R db:/data/one", 73), ("mount $R $R/data:/data/two", 64), ("mount $R db:/a new:/a", 64),
        ("umount $R", 0), ("umount $R /www", 0), ("umount $R /none", 66), ("umount $T/none", 66),
        ("attach j $R db:/att new:/att/in", 0), ("attach j $R none:/x:nocreate", 66), ("detach jail1", 0), ("detach nobody", 0),
        ("detach jail1 $R", 66), ("seed empty $T/host", 0), ("seed db $T/host", 73), ("seed empty $T/none", 66),
        ("snapshot db@s", 69), ("snapshot none", 66), ("rollback db@none", 66), ("clone db copy -l a=b", 0), ("clone db web", 73),
        ("clone none copy", 66), ("rename db data", 0), ("rename web data", 75), ("rename db empty", 73), ("export db -o $T/out.tar", 0),
        ("export db -o $T/none/out.tar", 73), ("export none -o $T/out.tar", 66), ("export db --format zfs -o $T/out", 69),
        ("import new $T/in.tar", 0), ("import db $T/in.tar", 73), ("import --into empty $T/in.tar", 0), ("import new $T/none", 66),
        ("import new $T/host/file", 65), ("mount $R --file $T/none", 66), ("attach j $R --file $T/host/file", 65),
        ("set db label.x=1 label.k=", 0), ("set db quota=1G", 69), ("set none label.a=b", 66),
        ("undelete gone", 0), ("undelete none", 66), ("load-key db", 69), ("unload-key db", 69), ("init", 0), ("init $T/second", 0),
        ("init $T/host", 78), ("init --default $T/second", 0), ("prune -n --all", 0), ("gc -n", 0),
        ("prune -n --all --deleted", 64), ("prune -n --deleted", 0), ("rm --deleted gone", 0), ("rm --deleted none", 66),
        ("rm --now db", 0), ("rm --keep 1d --now db", 64), ("rm db db", 1), ("rm --deleted gone gone", 1), ("undelete gone gone", 1),
        ("set db snapshots=daily:7", 69), ("set db snapshots=often:7", 64), ("set db snapshots=none", 0),
        ("snapshot --due -n", 0), ("snapshot --due -n db", 64), ("snapshot -q db", 64), ("snapshot --label none", 66),
        ("adopt $T/host new", 0), ("adopt $T/host db", 73), ("adopt $T/none new", 66), ("adopt pool/x new", 64), ("adopt $R new", 75),
        ("release db $T/out", 0), ("release web $T/out", 75), ("release db $T/host", 73), ("release db pool/x", 64),
        ("attach --snapshot j $R db:/att", 69), ("mount --snapshot $R new:/att", 0), ("mount --snapshot $R db:/n", 69),
    ];
}
