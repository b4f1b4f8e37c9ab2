using System;

namespace Kvol.Commands;

/// <summary>The scripts that <c>kvol completion</c> prints. They know nothing of kvol's commands: they ask <c>kvol complete</c> with the
/// line that is being typed. A path is run only if it is absolute, so that a tab runs nothing in the working directory.</summary>
internal static class ShellScripts
{
    public static readonly string[] Shells = ["bash", "fish", "sh", "tcsh", "zsh"];

    public static ReadOnlySpan<byte> Of(string shell) => shell switch
    {
        "bash" => Bash,
        "fish" => Fish,
        "tcsh" => Tcsh,
        "zsh" => Zsh,
        _ => Sh,
    };

    private static ReadOnlySpan<byte> Bash =>
        """
        # Completion of kvol(8) for bash(1): kvol itself says what may come next.
        _kvol() {
            local IFS=' ' kvol=kvol line=${COMP_LINE-} reply
            case $1 in /*) kvol=$1 ;; esac
            if [ -n "$line" ]; then
                line=${line:0:COMP_POINT}
            else
                line="${COMP_WORDS[*]:0:COMP_CWORD+1}"
            fi
            mapfile -t reply <<<"$("$kvol" complete --bash "$COMP_WORDBREAKS" "$line" 2>/dev/null)"
            COMPREPLY=("${reply[@]:1}")
            [ -z "${reply[0]}" ] || compopt -o "${reply[0]}" 2>/dev/null || :
        }
        complete -F _kvol kvol

        """u8;

    private static ReadOnlySpan<byte> Zsh =>
        """
        #compdef kvol
        # Completion of kvol(8) for zsh(1): kvol itself says what may come next.
        _kvol() {
            local kvol=kvol line word paths head reply=1
            local -a whole wholes part parts
            [[ $words[1] == /* ]] && kvol=$words[1]
            for line in "${(@f)$("$kvol" complete -- "${(@Q)words[2,CURRENT-1]}" "${(Q)PREFIX}" 2>/dev/null)}"; do
                word=${line%%$'\t'*}
                case $line in
                    '') ;;
                    :*) paths=${${line%% *}#:}; head=${${line#:$paths}# } ;;
                    *[:=@]|label.) part+=("$word") parts+=("${line/$'\t'/  -- }") ;;
                    *) whole+=("$word") wholes+=("${line/$'\t'/  -- }") ;;
                esac
            done
            if (( $#part )); then compadd -l -S '' -d parts -a part && reply=0; fi
            if (( $#whole )); then compadd -l -d wholes -a whole && reply=0; fi
            if [[ -n $paths ]]; then
                [[ -z $head ]] || compset -P '*='
                if [[ $paths == directories ]]; then _files -/ && reply=0; else _files && reply=0; fi
            fi
            return reply
        }
        if [[ $funcstack[1] == _kvol ]]; then _kvol "$@"; else compdef _kvol kvol; fi

        """u8;

    private static ReadOnlySpan<byte> Fish =>
        """
        # Completion of kvol(8) for fish(1): kvol itself says what may come next.
        function __kvol_complete
            set -l words (commandline -opc)
            set -l typed (commandline -ct)
            set -l word (string unescape -- $typed; or string replace -r '^["\']' '' -- $typed)
            set -l kvol kvol
            string match -q '/*' -- $words[1]; and set kvol $words[1]
            for line in ($kvol complete -- $words[2..] "$word" 2>/dev/null)
                switch $line
                    case ':directories*'
                        set -l head (string replace -r '^:\w+ ?' '' -- $line)
                        printf '%s\n' $head(__fish_complete_directories (string sub -s (math (string length -- $head) + 1) -- "$word"))
                    case ':files*'
                        set -l head (string replace -r '^:\w+ ?' '' -- $line)
                        printf '%s\n' $head(__fish_complete_path (string sub -s (math (string length -- $head) + 1) -- "$word"))
                    case '*'
                        printf '%s\n' $line
                end
            end
        end
        complete -c kvol -f -a '(__kvol_complete)'

        """u8;

    // tcsh(1) takes the first rule that fits. It knows paths better than what a command prints.
    private static ReadOnlySpan<byte> Tcsh =>
        """
        complete kvol 'N@{umount,unmount}@`kvol complete --tcsh`@' 'C@/@f@' 'C@.@f@' 'p@*@`kvol complete --tcsh`@'

        """u8;

    private static ReadOnlySpan<byte> Sh =>
        """
        # sh(1) completes the names of files only. This function prints what may come next on a command line of kvol(8):
        #     kvol_next rm w
        kvol_next() {
            kvol complete -- "$@"
        }

        """u8;
}
