#!/bin/sh
# ls, show, inspect, get, df, mounts, prune, doctor, help, version.
ls_empty() { #: ls of a store without volumes prints no more than a header.
    kvol create data
    kvol rm data
    want 0 kvol ls -q
    same "$out" ''
    want 0 kvol ls
    says NAME
}
ls_unmade() { #: [dir] ls, inspect and rm make no store.
    mkdir "$outside"
    want 0 kvol --root "$outside/store" ls
    want 66 kvol --root "$outside/store" rm data
    want 66 kvol --root "$outside/store" inspect data
    gone "$outside/store"
}
ls_script() { #: ls -H separates by tabs, without a header.
    kvol create -l a=b data
    tab=$(printf '\t')
    want 0 kvol ls -H
    lacks NAME
    case $out in "data${tab}empty${tab}0${tab}20"*"Z${tab}a=b") ;; *) fail "$out" ;; esac
}
ls_columns() { #: ls -o prints the columns that were asked for.
    kvol create data
    tab=$(printf '\t')
    same "$(kvol ls -H -o state,name)" "empty${tab}data"
    want 64 kvol ls -o nonsense
}
ls_all_columns() { #: Every column of ls can be asked for and sorted by.
    kvol create data
    want 0 kvol ls -o name,state,used,quota,mounts,jails,created,labels
    says NAME STATE USED QUOTA MOUNTS JAILS CREATED LABELS
    for key in used quota jails labels; do want 0 kvol ls -q --sort $key; done
}
ls_sorted() { #: ls sorts by name, and by another key with --sort.
    kvol create b
    kvol create a
    volumes_are a b
    same "$(kvol ls -q --sort created)" "b${nl}a"
    want 64 kvol ls --sort nonsense
}
ls_filtered() { #: ls --filter chooses by label, name, state and use; all have to match.
    kvol create -l tier=back one
    kvol create -l tier=front two
    same "$(kvol ls -q --filter label=tier=back)" one
    same "$(kvol ls -q --filter 'label!=tier=back')" two
    same "$(kvol ls -q --filter 'name=t*' --filter mounted=false)" two
    want 64 kvol ls --filter nonsense=1
}
ls_filtered_time() { #: ls --filter until= and anonymous= choose by age and origin.
    name=$(kvol create)
    kvol create data
    same "$(kvol ls -q --filter anonymous=true)" "$name"
    same "$(kvol ls -q --filter anonymous=false)" data
    same "$(kvol ls -q --filter until=1h)" ''
}
ls_json() { #: ls --json is an array with the states.
    kvol create data
    want 0 kvol ls --json
    case $out in '['*'"name": "data"'*'"state": "empty"'*']') ;; *) fail "$out" ;; esac
}
ls_state() { #: The state is empty before the first seeding and ready after it.
    kvol create data
    same "$(kvol ls -q --filter state=empty)" data
    kvol mount -q "$R" data:/www
    same "$(kvol ls -q --filter state=ready --filter mounted=true)" data
}
ls_named() { #: ls of a name shows that one, and 66 for one that is not there.
    kvol create one
    kvol create two
    same "$(kvol ls -q two)" two
    want 66 kvol ls -q nothing
}
inspect_all() { #: inspect prints everything of a mounted volume.
    kvol mount -q "$R" web:/www:ro
    want 0 kvol inspect web
    says '"name": "web"' '"state": "ready"' '"anonymous": false'
    says "\"path\": \"$R/www\"" '"destination": "/www"' '"read_only": true' '"not_kept": []'
}
inspect_several() { #: inspect prints an array, and 66 for a volume that is not there.
    kvol create one
    kvol create two
    want 0 kvol inspect one two
    case $out in '['*one*two*']') ;; *) fail "$out" ;; esac
    want 66 kvol inspect nothing
}
show_page() { #: show prints a page for people.
    kvol mount -q "$R" web:/www
    want 0 kvol show web
    says web ready "$R/www" 'Seeded'
    want 66 kvol show nothing
}
get_set() { #: set changes labels and get shows them; an empty value takes one away.
    kvol create data
    kvol set -q data label.a=1 label.b=2
    want 0 kvol ls -H
    says a=1 b=2
    kvol set -q data label.a=
    want 0 kvol ls -H
    lacks a=1
    says b=2
}
get_script() { #: get -H and --json show a property, and an unknown one is refused.
    kvol create -l a=1 data
    tab=$(printf '\t')
    same "$(kvol get -H data label.a)" "data${tab}label.a${tab}1"
    want 0 kvol get --json data
    says '"label.a": "1"'
    want 64 kvol get data nonsense
}
set_all_or_none() { #: set changes all properties or none.
    kvol create data
    want 64 kvol set data label.a=1 nonsense=2
    want 0 kvol ls -H
    lacks a=1
    want 0 kvol set --json data label.a=1
    says a 1
}
df_tells() { #: df tells what a volume uses, for people and for scripts.
    kvol mount -q "$R" web:/www
    want 0 kvol df
    says web USED
    want 0 kvol df -H web
    lacks USED
    want 0 kvol df --json web
    says '"web"'
    want 66 kvol df nothing
}
mounts_tells() { #: mounts lists what is mounted where, for people, for scripts and as JSON.
    kvol mount -q "$R" web:/www
    tab=$(printf '\t')
    want 0 kvol mounts
    says PATH "$R/www"
    same "$(kvol mounts -H)" "volume${tab}web${tab}rw${tab}-${tab}$R/www"
    want 0 kvol mounts --json
    says "\"path\": \"$R/www\""
}
mounts_jail() { #: mounts tells the jail that an attachment belongs to.
    kvol attach -q www "$R" web:/www
    want 0 kvol mounts -H
    says www "$R/www"
    want 0 kvol ls -o name,jails
    says www
}
doctor_lines() { #: doctor says what the host can do and finds nothing wrong.
    kvol create data
    want 0 kvol doctor
    says 'privilege' 'store' 'configuration'
    lacks 'FAIL'
    want 0 kvol doctor --json
    says '"'
}
doctor_changes_nothing() { #: [dir once] doctor makes no store.
    mkdir "$outside"
    want 0 kvol --root "$outside/store" doctor
    says store
    gone "$outside/store"
}
version_told() { #: [once] version, --version and help print to standard output.
    version=$(kvol --version 2>/dev/null)
    case $version in [0-9]*.[0-9]*.[0-9]*) ;; *) fail "$version" ;; esac
    same "$(kvol version 2>/dev/null)" "$version"
    help=$(kvol help 2>/dev/null)
    case $help in *attach*umount* | *umount*attach*) ;; *) fail "$help" ;; esac
}
help_of_each() { #: [once] Every command explains itself with --help.
    for verb in init create ls rm mount umount attach detach mounts gc seed snapshot rollback clone export import set get df; do
        want 0 kvol $verb --help
        says "kvol $verb" --root
    done
}
help_of_the_rest() { #: [once] help COMMAND says the same as COMMAND --help, by its other names too.
    for verb in show exists inspect undelete prune rename load-key unload-key doctor help version; do
        want 0 kvol help $verb
        says "kvol $verb"
    done
    want 0 kvol help list
    says 'kvol ls'
    want 64 kvol help nonsense
}
other_names() { #: list, remove, delete, info and unmount are other names of verbs.
    kvol create data
    same "$(kvol list -q)" data
    want 0 kvol info data
    says data
    same "$(kvol remove data)" data
    kvol create data
    same "$(kvol delete data)" data
    want 66 kvol unmount "$R" /nothing
}
