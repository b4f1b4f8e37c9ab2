#!/bin/sh
# Messages: one line, kvol: SUBJECT: REASON, without what only its makers know, and with the way out.
# What the last command said is of this form.
well_said() {
    rest=$out
    while [ -n "$rest" ]; do
        line=${rest%%"$nl"*}
        case $line in "kvol: "*": "*) ;; *) fail "not a message: $line" ;; esac
        case $line in *' ') fail "a blank at the end: $line" ;; esac
        case $rest in *"$nl"*) rest=${rest#*"$nl"} ;; *) rest= ;; esac
    done
    lacks errno ' at Kvol' Exception System. .seeding .kvol- .gone- .new- '(openat' '(mkdirat' '(renameat' descriptor
    lacks /proc/self '/.' 'FSID:'
    case $out in *E[A-Z][A-Z][A-Z][A-Z]*) fail "an error's code: $out" ;; esac
}
said() { # STATUS WORD COMMAND...: fails so, in one line, with this word in it
    expected=$1 word=$2
    shift 2
    want "$expected" "$@"
    well_said
    case $out in *"$nl"*) fail "more than one line: $out" ;; esac
    says "$word"
}
message_names() { #: Bad names are told in one line.
    said 64 letters kvol create 'a b'
    said 64 root kvol create --owner root x
    said 64 octal kvol create --mode 9 x
    said 64 jail kvol attach a/b "$R" web:/www
}
message_specs() { #: Bad specifications are told in one line, with the form that is right.
    said 64 SOURCE:DEST kvol mount "$R" web
    said 64 absolute kvol mount "$R" web:www
    said 64 subpath kvol mount "$R" web:/www:nonsense
}
message_missing() { #: What is missing is told in one line, with its name.
    said 66 nothing kvol inspect nothing
    said 66 nothing kvol mount "$R" nothing:/mnt:nocreate
    said 66 create-source kvol mount "$R" "$fs/nothing:/mnt"
    said 66 'root directory' kvol mount "$fs/nothing" data:/mnt
    said 66 'kvol mounts' kvol umount "$R" /nothing
}
message_busy() { #: What is busy is told with the command that ends it.
    kvol mount -q "$R" web:/www
    said 75 "kvol umount $R /www" kvol rm web
    said 75 "kvol umount $R /www" kvol rename web other
    said 75 "kvol umount $R /www" kvol mount "$R" other:/www
}
message_commands_work() { #: The command that a message names can be typed.
    kvol mount -q "$R" web:/www
    want 75 kvol rm web
    command=${out##*: kvol }
    differ "$command" "$out"
    # shellcheck disable=SC2086
    want 0 kvol $command
    want 0 kvol rm web
}
message_full() { #: What holds something already is told in one line.
    kvol create data
    kvol seed -q data "$R/etc"
    said 73 'not empty' kvol seed data "$R/www"
    said 73 exists kvol clone data data
}
message_through_file() { #: A file in the way is told by its place inside the root directory.
    said 73 /etc/hosts kvol mount "$R" data:/etc/hosts/below
    said 73 /etc/hosts kvol mount "$R" data:/etc/hosts
}
message_loop() { #: A loop of links is told by its place.
    ln -s loop "$R/loop"
    said 73 /loop kvol mount "$R" data:/loop/mnt
}
message_store() { #: A store that is not there, or is none, is told with what to look at.
    said 78 mounted kvol --root "$fs/nothing/store" create data
    mkdir -p "$outside"
    : >"$outside/own"
    said 78 "$outside" kvol --root "$outside" create data
}
message_config() { #: [once] A bad configuration is told with file and line.
    printf '\n\nnonsense = 1\n' >"$scratch/own.conf"
    said 78 'own.conf' configured ls
    says 3
}
message_archive() { #: What is no archive is told in one line.
    write "$scratch/junk" 'no archive at all, but long enough to be looked at'
    said 65 junk kvol import data "$scratch/junk"
}
message_verbs() { #: [once] An unknown command or option is told with a command that explains.
    said 64 'kvol help' kvol nonsense
    said 64 "did you mean" kvol moutn
    said 64 nonsense kvol ls --nonsense
    said 64 ROOTDIR kvol mount
}
message_streams() { #: Messages go to standard error, and results to standard output.
    kvol create data >/dev/null
    same "$(kvol rm nothing 2>/dev/null || :)" ''
    same "$(kvol mount "$R" data:/www 2>/dev/null)" ''
    same "$(kvol create data 2>/dev/null)" data
}
message_bytes() { #: Bytes that a terminal would act on are not printed as they are.
    want 64 kvol create "$(printf 'a\033[31mb')"
    case $out in *"$(printf '\033')"*) fail "an escape got through" ;; esac
    want 66 kvol mount "$jails/$(printf 'no\033[2J')" data:/mnt
    case $out in *"$(printf '\033')"*) fail "an escape got through" ;; esac
}
message_doctor() { #: [dir freebsd] On ZFS doctor and snapshot do not advise to move to ZFS without saying how.
    kvol create data
    want 0 kvol doctor
    lacks 'this file system does not support it; kvol copies all bytes, on ZFS'
    want 69 kvol snapshot data
    says 'kvol init POOL/DATASET'
}
