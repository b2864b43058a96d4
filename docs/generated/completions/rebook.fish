# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_rebook_global_optspecs
    string join \n config= staging= json q/quiet v/verbose color= now= h/help V/version
end

function __fish_rebook_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_rebook_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_rebook_using_subcommand
    set -l cmd (__fish_rebook_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c rebook -n "__fish_rebook_needs_command" -l config -d 'The configuration' -r -F
complete -c rebook -n "__fish_rebook_needs_command" -l staging -d 'The staging database; learned mappings go beside it. Default: as the configuration says' -r -F
complete -c rebook -n "__fish_rebook_needs_command" -l color -d 'Colours on the terminal; NO_COLOR is heeded too' -r -f -a "auto\t''
always\t''
never\t''"
complete -c rebook -n "__fish_rebook_needs_command" -l now -d 'The time that counts as now, for tests' -r
complete -c rebook -n "__fish_rebook_needs_command" -l json -d 'Answer in JSON'
complete -c rebook -n "__fish_rebook_needs_command" -s q -l quiet -d 'No progress, no talk; answers and errors alone'
complete -c rebook -n "__fish_rebook_needs_command" -s v -l verbose -d 'Say more'
complete -c rebook -n "__fish_rebook_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c rebook -n "__fish_rebook_needs_command" -s V -l version -d 'Print version'
complete -c rebook -n "__fish_rebook_needs_command" -f -a "init" -d 'Draft a commented rebook.toml out of the files, for a person to confirm'
complete -c rebook -n "__fish_rebook_needs_command" -f -a "demo" -d 'Rebuild, review and export on a small made-up business, in a folder of its own'
complete -c rebook -n "__fish_rebook_needs_command" -f -a "rebuild" -d 'The main job: pull every source, then build'
complete -c rebook -n "__fish_rebook_needs_command" -f -a "pull" -d 'Read sources into staging, byte for byte'
complete -c rebook -n "__fish_rebook_needs_command" -f -a "build" -d 'Make bookings of what is in staging: offline, repeatable'
complete -c rebook -n "__fish_rebook_needs_command" -f -a "sheet" -d 'Who comes and who leaves on a day, to print: made of whatever was read so far'
complete -c rebook -n "__fish_rebook_needs_command" -f -a "report" -d 'A page to look at: what came back, the money, how far to trust it, whom to call; and one for each tenant'
complete -c rebook -n "__fish_rebook_needs_command" -f -a "bookings" -d 'The rebuilt bookings'
complete -c rebook -n "__fish_rebook_needs_command" -f -a "explain" -d 'Every field of one booking: its value, the records it came from, and where in them'
complete -c rebook -n "__fish_rebook_needs_command" -f -a "review" -d 'Answer the open questions, one by one'
complete -c rebook -n "__fish_rebook_needs_command" -f -a "learn" -d 'What is learned from the overlap with the backup, alone; written as mapping files'
complete -c rebook -n "__fish_rebook_needs_command" -f -a "export" -d 'Write the SQL that reloads the bookings into the target'
complete -c rebook -n "__fish_rebook_needs_command" -f -a "verify" -d 'What stands of the reload in the target; it only reads'
complete -c rebook -n "__fish_rebook_needs_command" -f -a "status" -d 'Where things stand'
complete -c rebook -n "__fish_rebook_needs_command" -f -a "money" -d 'Where each payment ended up; the sums add up'
complete -c rebook -n "__fish_rebook_needs_command" -f -a "evaluate" -d 'How much was rebuilt, and how much of it is right: of a world with known truth, or by the lost database where it came back after all'
complete -c rebook -n "__fish_rebook_needs_command" -f -a "simulate" -d 'Write a business with known truth, to test on and to rehearse an outage with'
complete -c rebook -n "__fish_rebook_needs_command" -f -a "doctor" -d 'What stands in the way of a rebuild: configuration, sources, mapping, disk, staging'
complete -c rebook -n "__fish_rebook_needs_command" -f -a "forget" -d 'Shred staging, what was learned and reports, when it is over: they hold people\'s data'
complete -c rebook -n "__fish_rebook_needs_command" -f -a "completions" -d 'Write the completions of a shell'
complete -c rebook -n "__fish_rebook_needs_command" -f -a "man" -d 'Write the manual\'s pages'
complete -c rebook -n "__fish_rebook_needs_command" -f -a "schema" -d 'Write the JSON Schema of what commands answer with --json, of rebook.toml, or of mapping files'
complete -c rebook -n "__fish_rebook_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c rebook -n "__fish_rebook_using_subcommand init" -l backup -d 'The last good backup: a plain SQL dump, perhaps packed with gzip, or a SQLite file' -r -F
complete -c rebook -n "__fish_rebook_using_subcommand init" -l stripe -d 'What was exported from Stripe' -r -F
complete -c rebook -n "__fish_rebook_using_subcommand init" -l calendar -d 'What was exported from the calendars' -r -F
complete -c rebook -n "__fish_rebook_using_subcommand init" -l mail -d 'The mails: mbox, Maildir, .eml, or an archive of them' -r -F
complete -c rebook -n "__fish_rebook_using_subcommand init" -l dir -d 'Where rebook.toml is written. Default: FOLDER, or here' -r -F
complete -c rebook -n "__fish_rebook_using_subcommand init" -l name -d 'What the business is called' -r
complete -c rebook -n "__fish_rebook_using_subcommand init" -l timezone -d 'Its time zone, as Europe/Paris' -r
complete -c rebook -n "__fish_rebook_using_subcommand init" -l country -d 'Its country, in two letters' -r
complete -c rebook -n "__fish_rebook_using_subcommand init" -l currency -d 'Its currency, in three letters' -r
complete -c rebook -n "__fish_rebook_using_subcommand init" -l learn-from -d 'When to begin learning, as 2026-01-24T20:03:00Z. Default: where the sources begin' -r
complete -c rebook -n "__fish_rebook_using_subcommand init" -l backup-time -d 'When the backup was made. Default: the last change in it' -r
complete -c rebook -n "__fish_rebook_using_subcommand init" -l loss -d 'When the data was lost. Default: where the sources end' -r
complete -c rebook -n "__fish_rebook_using_subcommand init" -l sender -d 'An address that speaks for the business; may be given again' -r
complete -c rebook -n "__fish_rebook_using_subcommand init" -l config -d 'The configuration' -r -F
complete -c rebook -n "__fish_rebook_using_subcommand init" -l staging -d 'The staging database; learned mappings go beside it. Default: as the configuration says' -r -F
complete -c rebook -n "__fish_rebook_using_subcommand init" -l color -d 'Colours on the terminal; NO_COLOR is heeded too' -r -f -a "auto\t''
always\t''
never\t''"
complete -c rebook -n "__fish_rebook_using_subcommand init" -l now -d 'The time that counts as now, for tests' -r
complete -c rebook -n "__fish_rebook_using_subcommand init" -s y -l yes -d 'Ask nothing; what cannot be told is marked TODO'
complete -c rebook -n "__fish_rebook_using_subcommand init" -l json -d 'Answer in JSON'
complete -c rebook -n "__fish_rebook_using_subcommand init" -s q -l quiet -d 'No progress, no talk; answers and errors alone'
complete -c rebook -n "__fish_rebook_using_subcommand init" -s v -l verbose -d 'Say more'
complete -c rebook -n "__fish_rebook_using_subcommand init" -s h -l help -d 'Print help'
complete -c rebook -n "__fish_rebook_using_subcommand demo" -l config -d 'The configuration' -r -F
complete -c rebook -n "__fish_rebook_using_subcommand demo" -l staging -d 'The staging database; learned mappings go beside it. Default: as the configuration says' -r -F
complete -c rebook -n "__fish_rebook_using_subcommand demo" -l color -d 'Colours on the terminal; NO_COLOR is heeded too' -r -f -a "auto\t''
always\t''
never\t''"
complete -c rebook -n "__fish_rebook_using_subcommand demo" -l now -d 'The time that counts as now, for tests' -r
complete -c rebook -n "__fish_rebook_using_subcommand demo" -l json -d 'Answer in JSON'
complete -c rebook -n "__fish_rebook_using_subcommand demo" -s q -l quiet -d 'No progress, no talk; answers and errors alone'
complete -c rebook -n "__fish_rebook_using_subcommand demo" -s v -l verbose -d 'Say more'
complete -c rebook -n "__fish_rebook_using_subcommand demo" -s h -l help -d 'Print help'
complete -c rebook -n "__fish_rebook_using_subcommand rebuild" -l config -d 'The configuration' -r -F
complete -c rebook -n "__fish_rebook_using_subcommand rebuild" -l staging -d 'The staging database; learned mappings go beside it. Default: as the configuration says' -r -F
complete -c rebook -n "__fish_rebook_using_subcommand rebuild" -l color -d 'Colours on the terminal; NO_COLOR is heeded too' -r -f -a "auto\t''
always\t''
never\t''"
complete -c rebook -n "__fish_rebook_using_subcommand rebuild" -l now -d 'The time that counts as now, for tests' -r
complete -c rebook -n "__fish_rebook_using_subcommand rebuild" -l json -d 'Answer in JSON'
complete -c rebook -n "__fish_rebook_using_subcommand rebuild" -s q -l quiet -d 'No progress, no talk; answers and errors alone'
complete -c rebook -n "__fish_rebook_using_subcommand rebuild" -s v -l verbose -d 'Say more'
complete -c rebook -n "__fish_rebook_using_subcommand rebuild" -s h -l help -d 'Print help'
complete -c rebook -n "__fish_rebook_using_subcommand pull" -l config -d 'The configuration' -r -F
complete -c rebook -n "__fish_rebook_using_subcommand pull" -l staging -d 'The staging database; learned mappings go beside it. Default: as the configuration says' -r -F
complete -c rebook -n "__fish_rebook_using_subcommand pull" -l color -d 'Colours on the terminal; NO_COLOR is heeded too' -r -f -a "auto\t''
always\t''
never\t''"
complete -c rebook -n "__fish_rebook_using_subcommand pull" -l now -d 'The time that counts as now, for tests' -r
complete -c rebook -n "__fish_rebook_using_subcommand pull" -l json -d 'Answer in JSON'
complete -c rebook -n "__fish_rebook_using_subcommand pull" -s q -l quiet -d 'No progress, no talk; answers and errors alone'
complete -c rebook -n "__fish_rebook_using_subcommand pull" -s v -l verbose -d 'Say more'
complete -c rebook -n "__fish_rebook_using_subcommand pull" -s h -l help -d 'Print help'
complete -c rebook -n "__fish_rebook_using_subcommand build" -l config -d 'The configuration' -r -F
complete -c rebook -n "__fish_rebook_using_subcommand build" -l staging -d 'The staging database; learned mappings go beside it. Default: as the configuration says' -r -F
complete -c rebook -n "__fish_rebook_using_subcommand build" -l color -d 'Colours on the terminal; NO_COLOR is heeded too' -r -f -a "auto\t''
always\t''
never\t''"
complete -c rebook -n "__fish_rebook_using_subcommand build" -l now -d 'The time that counts as now, for tests' -r
complete -c rebook -n "__fish_rebook_using_subcommand build" -l json -d 'Answer in JSON'
complete -c rebook -n "__fish_rebook_using_subcommand build" -s q -l quiet -d 'No progress, no talk; answers and errors alone'
complete -c rebook -n "__fish_rebook_using_subcommand build" -s v -l verbose -d 'Say more'
complete -c rebook -n "__fish_rebook_using_subcommand build" -s h -l help -d 'Print help'
complete -c rebook -n "__fish_rebook_using_subcommand sheet" -l day -d 'The day: today, tomorrow or a date as in 2026-11-21' -r
complete -c rebook -n "__fish_rebook_using_subcommand sheet" -l tenant -d 'One business alone, by its key or name, where one system serves several' -r
complete -c rebook -n "__fish_rebook_using_subcommand sheet" -l html -d 'Write a page to print, for A4 and Letter, in black and white' -r -F
complete -c rebook -n "__fish_rebook_using_subcommand sheet" -l config -d 'The configuration' -r -F
complete -c rebook -n "__fish_rebook_using_subcommand sheet" -l staging -d 'The staging database; learned mappings go beside it. Default: as the configuration says' -r -F
complete -c rebook -n "__fish_rebook_using_subcommand sheet" -l color -d 'Colours on the terminal; NO_COLOR is heeded too' -r -f -a "auto\t''
always\t''
never\t''"
complete -c rebook -n "__fish_rebook_using_subcommand sheet" -l now -d 'The time that counts as now, for tests' -r
complete -c rebook -n "__fish_rebook_using_subcommand sheet" -l csv -d 'Answer as CSV: a line for each start and end, amounts in major units'
complete -c rebook -n "__fish_rebook_using_subcommand sheet" -l no-build -d 'Take the last build as it is, even where more was read since'
complete -c rebook -n "__fish_rebook_using_subcommand sheet" -l json -d 'Answer in JSON'
complete -c rebook -n "__fish_rebook_using_subcommand sheet" -s q -l quiet -d 'No progress, no talk; answers and errors alone'
complete -c rebook -n "__fish_rebook_using_subcommand sheet" -s v -l verbose -d 'Say more'
complete -c rebook -n "__fish_rebook_using_subcommand sheet" -s h -l help -d 'Print help'
complete -c rebook -n "__fish_rebook_using_subcommand report" -l out -d 'The folder to write to; made where it is not there. Pages of an earlier report in it are replaced' -r -F
complete -c rebook -n "__fish_rebook_using_subcommand report" -l config -d 'The configuration' -r -F
complete -c rebook -n "__fish_rebook_using_subcommand report" -l staging -d 'The staging database; learned mappings go beside it. Default: as the configuration says' -r -F
complete -c rebook -n "__fish_rebook_using_subcommand report" -l color -d 'Colours on the terminal; NO_COLOR is heeded too' -r -f -a "auto\t''
always\t''
never\t''"
complete -c rebook -n "__fish_rebook_using_subcommand report" -l now -d 'The time that counts as now, for tests' -r
complete -c rebook -n "__fish_rebook_using_subcommand report" -l json -d 'Answer in JSON'
complete -c rebook -n "__fish_rebook_using_subcommand report" -s q -l quiet -d 'No progress, no talk; answers and errors alone'
complete -c rebook -n "__fish_rebook_using_subcommand report" -s v -l verbose -d 'Say more'
complete -c rebook -n "__fish_rebook_using_subcommand report" -s h -l help -d 'Print help'
complete -c rebook -n "__fish_rebook_using_subcommand bookings" -l config -d 'The configuration' -r -F
complete -c rebook -n "__fish_rebook_using_subcommand bookings" -l staging -d 'The staging database; learned mappings go beside it. Default: as the configuration says' -r -F
complete -c rebook -n "__fish_rebook_using_subcommand bookings" -l color -d 'Colours on the terminal; NO_COLOR is heeded too' -r -f -a "auto\t''
always\t''
never\t''"
complete -c rebook -n "__fish_rebook_using_subcommand bookings" -l now -d 'The time that counts as now, for tests' -r
complete -c rebook -n "__fish_rebook_using_subcommand bookings" -l json -d 'Answer in JSON'
complete -c rebook -n "__fish_rebook_using_subcommand bookings" -s q -l quiet -d 'No progress, no talk; answers and errors alone'
complete -c rebook -n "__fish_rebook_using_subcommand bookings" -s v -l verbose -d 'Say more'
complete -c rebook -n "__fish_rebook_using_subcommand bookings" -s h -l help -d 'Print help'
complete -c rebook -n "__fish_rebook_using_subcommand explain" -l config -d 'The configuration' -r -F
complete -c rebook -n "__fish_rebook_using_subcommand explain" -l staging -d 'The staging database; learned mappings go beside it. Default: as the configuration says' -r -F
complete -c rebook -n "__fish_rebook_using_subcommand explain" -l color -d 'Colours on the terminal; NO_COLOR is heeded too' -r -f -a "auto\t''
always\t''
never\t''"
complete -c rebook -n "__fish_rebook_using_subcommand explain" -l now -d 'The time that counts as now, for tests' -r
complete -c rebook -n "__fish_rebook_using_subcommand explain" -l json -d 'Answer in JSON'
complete -c rebook -n "__fish_rebook_using_subcommand explain" -s q -l quiet -d 'No progress, no talk; answers and errors alone'
complete -c rebook -n "__fish_rebook_using_subcommand explain" -s v -l verbose -d 'Say more'
complete -c rebook -n "__fish_rebook_using_subcommand explain" -s h -l help -d 'Print help'
complete -c rebook -n "__fish_rebook_using_subcommand review" -l filter -d 'Show only some cases: kind:, customer:, resource:, tenant:, or any words' -r
complete -c rebook -n "__fish_rebook_using_subcommand review" -l as -d 'Who decides. Default: who is logged in' -r
complete -c rebook -n "__fish_rebook_using_subcommand review" -l export -d 'Write the open cases as CSV, with columns to fill in; - writes to stdout' -r -F
complete -c rebook -n "__fish_rebook_using_subcommand review" -l import -d 'Take in answers from such a file; each row is checked' -r -F
complete -c rebook -n "__fish_rebook_using_subcommand review" -l config -d 'The configuration' -r -F
complete -c rebook -n "__fish_rebook_using_subcommand review" -l staging -d 'The staging database; learned mappings go beside it. Default: as the configuration says' -r -F
complete -c rebook -n "__fish_rebook_using_subcommand review" -l color -d 'Colours on the terminal; NO_COLOR is heeded too' -r -f -a "auto\t''
always\t''
never\t''"
complete -c rebook -n "__fish_rebook_using_subcommand review" -l now -d 'The time that counts as now, for tests' -r
complete -c rebook -n "__fish_rebook_using_subcommand review" -l plain -d 'Lines in and lines out, for pipes, screen readers and slow connections'
complete -c rebook -n "__fish_rebook_using_subcommand review" -l stats -d 'What was decided, by whom, how often the suggestion was taken, and the time that the rest may take'
complete -c rebook -n "__fish_rebook_using_subcommand review" -l json -d 'Answer in JSON'
complete -c rebook -n "__fish_rebook_using_subcommand review" -s q -l quiet -d 'No progress, no talk; answers and errors alone'
complete -c rebook -n "__fish_rebook_using_subcommand review" -s v -l verbose -d 'Say more'
complete -c rebook -n "__fish_rebook_using_subcommand review" -s h -l help -d 'Print help'
complete -c rebook -n "__fish_rebook_using_subcommand learn" -l config -d 'The configuration' -r -F
complete -c rebook -n "__fish_rebook_using_subcommand learn" -l staging -d 'The staging database; learned mappings go beside it. Default: as the configuration says' -r -F
complete -c rebook -n "__fish_rebook_using_subcommand learn" -l color -d 'Colours on the terminal; NO_COLOR is heeded too' -r -f -a "auto\t''
always\t''
never\t''"
complete -c rebook -n "__fish_rebook_using_subcommand learn" -l now -d 'The time that counts as now, for tests' -r
complete -c rebook -n "__fish_rebook_using_subcommand learn" -l json -d 'Answer in JSON'
complete -c rebook -n "__fish_rebook_using_subcommand learn" -s q -l quiet -d 'No progress, no talk; answers and errors alone'
complete -c rebook -n "__fish_rebook_using_subcommand learn" -s v -l verbose -d 'Say more'
complete -c rebook -n "__fish_rebook_using_subcommand learn" -s h -l help -d 'Print help'
complete -c rebook -n "__fish_rebook_using_subcommand export" -l out -d 'The file to write; an earlier export is replaced, any other file is not. The plan in plain words and the list of what is held stand beside it' -r -F
complete -c rebook -n "__fish_rebook_using_subcommand export" -l live -d 'The restored production, to plan against: a fresh dump, a SQLite file, or a postgres:// or mysql:// URL, which is only read' -r
complete -c rebook -n "__fish_rebook_using_subcommand export" -l undo -d 'Write the file that takes the load back, where nobody has touched it since' -r -F
complete -c rebook -n "__fish_rebook_using_subcommand export" -l rows -d 'Write all rows into this folder too, as CSV and JSON Lines, for other tools' -r -F
complete -c rebook -n "__fish_rebook_using_subcommand export" -l journal -d 'Where the load notes what it wrote; `none` for those who may not create a table' -r -f -a "table\t''
none\t''"
complete -c rebook -n "__fish_rebook_using_subcommand export" -l config -d 'The configuration' -r -F
complete -c rebook -n "__fish_rebook_using_subcommand export" -l staging -d 'The staging database; learned mappings go beside it. Default: as the configuration says' -r -F
complete -c rebook -n "__fish_rebook_using_subcommand export" -l color -d 'Colours on the terminal; NO_COLOR is heeded too' -r -f -a "auto\t''
always\t''
never\t''"
complete -c rebook -n "__fish_rebook_using_subcommand export" -l now -d 'The time that counts as now, for tests' -r
complete -c rebook -n "__fish_rebook_using_subcommand export" -l skip-flagged -d 'Leave out what waits for a decision, and list it'
complete -c rebook -n "__fish_rebook_using_subcommand export" -l rehearse -d 'MySQL and SQLite: write the variant that rolls back. PostgreSQL\'s file always does, unless it is run with `psql -v commit=1`'
complete -c rebook -n "__fish_rebook_using_subcommand export" -l check -d 'Only hold [target] against the schema, of the backup or of --live, and write nothing'
complete -c rebook -n "__fish_rebook_using_subcommand export" -l json -d 'Answer in JSON'
complete -c rebook -n "__fish_rebook_using_subcommand export" -s q -l quiet -d 'No progress, no talk; answers and errors alone'
complete -c rebook -n "__fish_rebook_using_subcommand export" -s v -l verbose -d 'Say more'
complete -c rebook -n "__fish_rebook_using_subcommand export" -s h -l help -d 'Print help'
complete -c rebook -n "__fish_rebook_using_subcommand verify" -l target -d 'The database that was loaded into: a postgres:// or mysql:// URL, which is only read, a SQLite file, or a fresh dump' -r
complete -c rebook -n "__fish_rebook_using_subcommand verify" -l config -d 'The configuration' -r -F
complete -c rebook -n "__fish_rebook_using_subcommand verify" -l staging -d 'The staging database; learned mappings go beside it. Default: as the configuration says' -r -F
complete -c rebook -n "__fish_rebook_using_subcommand verify" -l color -d 'Colours on the terminal; NO_COLOR is heeded too' -r -f -a "auto\t''
always\t''
never\t''"
complete -c rebook -n "__fish_rebook_using_subcommand verify" -l now -d 'The time that counts as now, for tests' -r
complete -c rebook -n "__fish_rebook_using_subcommand verify" -l json -d 'Answer in JSON'
complete -c rebook -n "__fish_rebook_using_subcommand verify" -s q -l quiet -d 'No progress, no talk; answers and errors alone'
complete -c rebook -n "__fish_rebook_using_subcommand verify" -s v -l verbose -d 'Say more'
complete -c rebook -n "__fish_rebook_using_subcommand verify" -s h -l help -d 'Print help'
complete -c rebook -n "__fish_rebook_using_subcommand status" -l config -d 'The configuration' -r -F
complete -c rebook -n "__fish_rebook_using_subcommand status" -l staging -d 'The staging database; learned mappings go beside it. Default: as the configuration says' -r -F
complete -c rebook -n "__fish_rebook_using_subcommand status" -l color -d 'Colours on the terminal; NO_COLOR is heeded too' -r -f -a "auto\t''
always\t''
never\t''"
complete -c rebook -n "__fish_rebook_using_subcommand status" -l now -d 'The time that counts as now, for tests' -r
complete -c rebook -n "__fish_rebook_using_subcommand status" -l json -d 'Answer in JSON'
complete -c rebook -n "__fish_rebook_using_subcommand status" -s q -l quiet -d 'No progress, no talk; answers and errors alone'
complete -c rebook -n "__fish_rebook_using_subcommand status" -s v -l verbose -d 'Say more'
complete -c rebook -n "__fish_rebook_using_subcommand status" -s h -l help -d 'Print help'
complete -c rebook -n "__fish_rebook_using_subcommand money" -l config -d 'The configuration' -r -F
complete -c rebook -n "__fish_rebook_using_subcommand money" -l staging -d 'The staging database; learned mappings go beside it. Default: as the configuration says' -r -F
complete -c rebook -n "__fish_rebook_using_subcommand money" -l color -d 'Colours on the terminal; NO_COLOR is heeded too' -r -f -a "auto\t''
always\t''
never\t''"
complete -c rebook -n "__fish_rebook_using_subcommand money" -l now -d 'The time that counts as now, for tests' -r
complete -c rebook -n "__fish_rebook_using_subcommand money" -l csv -d 'Answer as CSV, amounts in major units'
complete -c rebook -n "__fish_rebook_using_subcommand money" -l json -d 'Answer in JSON'
complete -c rebook -n "__fish_rebook_using_subcommand money" -s q -l quiet -d 'No progress, no talk; answers and errors alone'
complete -c rebook -n "__fish_rebook_using_subcommand money" -s v -l verbose -d 'Say more'
complete -c rebook -n "__fish_rebook_using_subcommand money" -s h -l help -d 'Print help'
complete -c rebook -n "__fish_rebook_using_subcommand evaluate" -l world -d 'A folder with rebook.toml and truth/, as `rebook simulate` writes it' -r -F
complete -c rebook -n "__fish_rebook_using_subcommand evaluate" -l truth -d 'The lost database, restored after all: a dump, a SQLite file or a URL, which is only read' -r
complete -c rebook -n "__fish_rebook_using_subcommand evaluate" -l live -d 'With --truth: what production holds now; gives a plan for what it took in meanwhile' -r
complete -c rebook -n "__fish_rebook_using_subcommand evaluate" -l bookings -d 'What `bookings --json` answered. Default: the bookings of the last build' -r -F
complete -c rebook -n "__fish_rebook_using_subcommand evaluate" -l show -d 'Show so many of the clean bookings that are wrong' -r
complete -c rebook -n "__fish_rebook_using_subcommand evaluate" -l config -d 'The configuration' -r -F
complete -c rebook -n "__fish_rebook_using_subcommand evaluate" -l staging -d 'The staging database; learned mappings go beside it. Default: as the configuration says' -r -F
complete -c rebook -n "__fish_rebook_using_subcommand evaluate" -l color -d 'Colours on the terminal; NO_COLOR is heeded too' -r -f -a "auto\t''
always\t''
never\t''"
complete -c rebook -n "__fish_rebook_using_subcommand evaluate" -l now -d 'The time that counts as now, for tests' -r
complete -c rebook -n "__fish_rebook_using_subcommand evaluate" -l no-baseline -d 'Measure a rebuild that had no backup: bookings made since then alone, without keys of resources'
complete -c rebook -n "__fish_rebook_using_subcommand evaluate" -l json -d 'Answer in JSON'
complete -c rebook -n "__fish_rebook_using_subcommand evaluate" -s q -l quiet -d 'No progress, no talk; answers and errors alone'
complete -c rebook -n "__fish_rebook_using_subcommand evaluate" -s v -l verbose -d 'Say more'
complete -c rebook -n "__fish_rebook_using_subcommand evaluate" -s h -l help -d 'Print help'
complete -c rebook -n "__fish_rebook_using_subcommand simulate" -l business -d 'What to simulate; `--list` names them all' -r
complete -c rebook -n "__fish_rebook_using_subcommand simulate" -l out -d 'The folder to write; it must not exist or be empty' -r -F
complete -c rebook -n "__fish_rebook_using_subcommand simulate" -l bookings -d 'How many bookings, about half of them made before the backup' -r
complete -c rebook -n "__fish_rebook_using_subcommand simulate" -l seed -d 'Chooses people and events: the same seed, the same life' -r
complete -c rebook -n "__fish_rebook_using_subcommand simulate" -l wording -d 'Chooses words: labels, layouts, metadata, references, names of tables and columns' -r
complete -c rebook -n "__fish_rebook_using_subcommand simulate" -l damage -d 'How much is lost, spoilt or misleading: none, light, heavy, or single kinds with their rates, such as redesign=0.5,refund=0.1 or heavy,mail-lost=0; `--list-damage` names the kinds' -r
complete -c rebook -n "__fish_rebook_using_subcommand simulate" -l rate -d 'Sets the rate of one kind of damage, from 0 to 1, over what --damage says; may be given again' -r
complete -c rebook -n "__fish_rebook_using_subcommand simulate" -l overlap-days -d 'How long before the backup sources are read' -r
complete -c rebook -n "__fish_rebook_using_subcommand simulate" -l gap-days -d 'How long after the backup the data was lost' -r
complete -c rebook -n "__fish_rebook_using_subcommand simulate" -l config -d 'The configuration' -r -F
complete -c rebook -n "__fish_rebook_using_subcommand simulate" -l staging -d 'The staging database; learned mappings go beside it. Default: as the configuration says' -r -F
complete -c rebook -n "__fish_rebook_using_subcommand simulate" -l color -d 'Colours on the terminal; NO_COLOR is heeded too' -r -f -a "auto\t''
always\t''
never\t''"
complete -c rebook -n "__fish_rebook_using_subcommand simulate" -l now -d 'The time that counts as now, for tests' -r
complete -c rebook -n "__fish_rebook_using_subcommand simulate" -l list -d 'Only list the businesses, one a line'
complete -c rebook -n "__fish_rebook_using_subcommand simulate" -l list-damage -d 'Only list the kinds of damage, one a line, with their rates where damage is light and heavy'
complete -c rebook -n "__fish_rebook_using_subcommand simulate" -l json -d 'Answer in JSON'
complete -c rebook -n "__fish_rebook_using_subcommand simulate" -s q -l quiet -d 'No progress, no talk; answers and errors alone'
complete -c rebook -n "__fish_rebook_using_subcommand simulate" -s v -l verbose -d 'Say more'
complete -c rebook -n "__fish_rebook_using_subcommand simulate" -s h -l help -d 'Print help'
complete -c rebook -n "__fish_rebook_using_subcommand doctor" -l config -d 'The configuration' -r -F
complete -c rebook -n "__fish_rebook_using_subcommand doctor" -l staging -d 'The staging database; learned mappings go beside it. Default: as the configuration says' -r -F
complete -c rebook -n "__fish_rebook_using_subcommand doctor" -l color -d 'Colours on the terminal; NO_COLOR is heeded too' -r -f -a "auto\t''
always\t''
never\t''"
complete -c rebook -n "__fish_rebook_using_subcommand doctor" -l now -d 'The time that counts as now, for tests' -r
complete -c rebook -n "__fish_rebook_using_subcommand doctor" -l json -d 'Answer in JSON'
complete -c rebook -n "__fish_rebook_using_subcommand doctor" -s q -l quiet -d 'No progress, no talk; answers and errors alone'
complete -c rebook -n "__fish_rebook_using_subcommand doctor" -s v -l verbose -d 'Say more'
complete -c rebook -n "__fish_rebook_using_subcommand doctor" -s h -l help -d 'Print help'
complete -c rebook -n "__fish_rebook_using_subcommand forget" -l yes -d 'The name of the business, instead of typing it when asked' -r
complete -c rebook -n "__fish_rebook_using_subcommand forget" -l config -d 'The configuration' -r -F
complete -c rebook -n "__fish_rebook_using_subcommand forget" -l staging -d 'The staging database; learned mappings go beside it. Default: as the configuration says' -r -F
complete -c rebook -n "__fish_rebook_using_subcommand forget" -l color -d 'Colours on the terminal; NO_COLOR is heeded too' -r -f -a "auto\t''
always\t''
never\t''"
complete -c rebook -n "__fish_rebook_using_subcommand forget" -l now -d 'The time that counts as now, for tests' -r
complete -c rebook -n "__fish_rebook_using_subcommand forget" -l json -d 'Answer in JSON'
complete -c rebook -n "__fish_rebook_using_subcommand forget" -s q -l quiet -d 'No progress, no talk; answers and errors alone'
complete -c rebook -n "__fish_rebook_using_subcommand forget" -s v -l verbose -d 'Say more'
complete -c rebook -n "__fish_rebook_using_subcommand forget" -s h -l help -d 'Print help'
complete -c rebook -n "__fish_rebook_using_subcommand completions" -l config -d 'The configuration' -r -F
complete -c rebook -n "__fish_rebook_using_subcommand completions" -l staging -d 'The staging database; learned mappings go beside it. Default: as the configuration says' -r -F
complete -c rebook -n "__fish_rebook_using_subcommand completions" -l color -d 'Colours on the terminal; NO_COLOR is heeded too' -r -f -a "auto\t''
always\t''
never\t''"
complete -c rebook -n "__fish_rebook_using_subcommand completions" -l now -d 'The time that counts as now, for tests' -r
complete -c rebook -n "__fish_rebook_using_subcommand completions" -l json -d 'Answer in JSON'
complete -c rebook -n "__fish_rebook_using_subcommand completions" -s q -l quiet -d 'No progress, no talk; answers and errors alone'
complete -c rebook -n "__fish_rebook_using_subcommand completions" -s v -l verbose -d 'Say more'
complete -c rebook -n "__fish_rebook_using_subcommand completions" -s h -l help -d 'Print help'
complete -c rebook -n "__fish_rebook_using_subcommand man" -l out -d 'The folder to write to; made where it is not there' -r -F
complete -c rebook -n "__fish_rebook_using_subcommand man" -l config -d 'The configuration' -r -F
complete -c rebook -n "__fish_rebook_using_subcommand man" -l staging -d 'The staging database; learned mappings go beside it. Default: as the configuration says' -r -F
complete -c rebook -n "__fish_rebook_using_subcommand man" -l color -d 'Colours on the terminal; NO_COLOR is heeded too' -r -f -a "auto\t''
always\t''
never\t''"
complete -c rebook -n "__fish_rebook_using_subcommand man" -l now -d 'The time that counts as now, for tests' -r
complete -c rebook -n "__fish_rebook_using_subcommand man" -l json -d 'Answer in JSON'
complete -c rebook -n "__fish_rebook_using_subcommand man" -s q -l quiet -d 'No progress, no talk; answers and errors alone'
complete -c rebook -n "__fish_rebook_using_subcommand man" -s v -l verbose -d 'Say more'
complete -c rebook -n "__fish_rebook_using_subcommand man" -s h -l help -d 'Print help'
complete -c rebook -n "__fish_rebook_using_subcommand schema" -l config -d 'The configuration' -r -F
complete -c rebook -n "__fish_rebook_using_subcommand schema" -l staging -d 'The staging database; learned mappings go beside it. Default: as the configuration says' -r -F
complete -c rebook -n "__fish_rebook_using_subcommand schema" -l color -d 'Colours on the terminal; NO_COLOR is heeded too' -r -f -a "auto\t''
always\t''
never\t''"
complete -c rebook -n "__fish_rebook_using_subcommand schema" -l now -d 'The time that counts as now, for tests' -r
complete -c rebook -n "__fish_rebook_using_subcommand schema" -l markdown -d 'As a page to read, in Markdown'
complete -c rebook -n "__fish_rebook_using_subcommand schema" -l json -d 'Answer in JSON'
complete -c rebook -n "__fish_rebook_using_subcommand schema" -s q -l quiet -d 'No progress, no talk; answers and errors alone'
complete -c rebook -n "__fish_rebook_using_subcommand schema" -s v -l verbose -d 'Say more'
complete -c rebook -n "__fish_rebook_using_subcommand schema" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c rebook -n "__fish_rebook_using_subcommand help; and not __fish_seen_subcommand_from init demo rebuild pull build sheet report bookings explain review learn export verify status money evaluate simulate doctor forget completions man schema help" -f -a "init" -d 'Draft a commented rebook.toml out of the files, for a person to confirm'
complete -c rebook -n "__fish_rebook_using_subcommand help; and not __fish_seen_subcommand_from init demo rebuild pull build sheet report bookings explain review learn export verify status money evaluate simulate doctor forget completions man schema help" -f -a "demo" -d 'Rebuild, review and export on a small made-up business, in a folder of its own'
complete -c rebook -n "__fish_rebook_using_subcommand help; and not __fish_seen_subcommand_from init demo rebuild pull build sheet report bookings explain review learn export verify status money evaluate simulate doctor forget completions man schema help" -f -a "rebuild" -d 'The main job: pull every source, then build'
complete -c rebook -n "__fish_rebook_using_subcommand help; and not __fish_seen_subcommand_from init demo rebuild pull build sheet report bookings explain review learn export verify status money evaluate simulate doctor forget completions man schema help" -f -a "pull" -d 'Read sources into staging, byte for byte'
complete -c rebook -n "__fish_rebook_using_subcommand help; and not __fish_seen_subcommand_from init demo rebuild pull build sheet report bookings explain review learn export verify status money evaluate simulate doctor forget completions man schema help" -f -a "build" -d 'Make bookings of what is in staging: offline, repeatable'
complete -c rebook -n "__fish_rebook_using_subcommand help; and not __fish_seen_subcommand_from init demo rebuild pull build sheet report bookings explain review learn export verify status money evaluate simulate doctor forget completions man schema help" -f -a "sheet" -d 'Who comes and who leaves on a day, to print: made of whatever was read so far'
complete -c rebook -n "__fish_rebook_using_subcommand help; and not __fish_seen_subcommand_from init demo rebuild pull build sheet report bookings explain review learn export verify status money evaluate simulate doctor forget completions man schema help" -f -a "report" -d 'A page to look at: what came back, the money, how far to trust it, whom to call; and one for each tenant'
complete -c rebook -n "__fish_rebook_using_subcommand help; and not __fish_seen_subcommand_from init demo rebuild pull build sheet report bookings explain review learn export verify status money evaluate simulate doctor forget completions man schema help" -f -a "bookings" -d 'The rebuilt bookings'
complete -c rebook -n "__fish_rebook_using_subcommand help; and not __fish_seen_subcommand_from init demo rebuild pull build sheet report bookings explain review learn export verify status money evaluate simulate doctor forget completions man schema help" -f -a "explain" -d 'Every field of one booking: its value, the records it came from, and where in them'
complete -c rebook -n "__fish_rebook_using_subcommand help; and not __fish_seen_subcommand_from init demo rebuild pull build sheet report bookings explain review learn export verify status money evaluate simulate doctor forget completions man schema help" -f -a "review" -d 'Answer the open questions, one by one'
complete -c rebook -n "__fish_rebook_using_subcommand help; and not __fish_seen_subcommand_from init demo rebuild pull build sheet report bookings explain review learn export verify status money evaluate simulate doctor forget completions man schema help" -f -a "learn" -d 'What is learned from the overlap with the backup, alone; written as mapping files'
complete -c rebook -n "__fish_rebook_using_subcommand help; and not __fish_seen_subcommand_from init demo rebuild pull build sheet report bookings explain review learn export verify status money evaluate simulate doctor forget completions man schema help" -f -a "export" -d 'Write the SQL that reloads the bookings into the target'
complete -c rebook -n "__fish_rebook_using_subcommand help; and not __fish_seen_subcommand_from init demo rebuild pull build sheet report bookings explain review learn export verify status money evaluate simulate doctor forget completions man schema help" -f -a "verify" -d 'What stands of the reload in the target; it only reads'
complete -c rebook -n "__fish_rebook_using_subcommand help; and not __fish_seen_subcommand_from init demo rebuild pull build sheet report bookings explain review learn export verify status money evaluate simulate doctor forget completions man schema help" -f -a "status" -d 'Where things stand'
complete -c rebook -n "__fish_rebook_using_subcommand help; and not __fish_seen_subcommand_from init demo rebuild pull build sheet report bookings explain review learn export verify status money evaluate simulate doctor forget completions man schema help" -f -a "money" -d 'Where each payment ended up; the sums add up'
complete -c rebook -n "__fish_rebook_using_subcommand help; and not __fish_seen_subcommand_from init demo rebuild pull build sheet report bookings explain review learn export verify status money evaluate simulate doctor forget completions man schema help" -f -a "evaluate" -d 'How much was rebuilt, and how much of it is right: of a world with known truth, or by the lost database where it came back after all'
complete -c rebook -n "__fish_rebook_using_subcommand help; and not __fish_seen_subcommand_from init demo rebuild pull build sheet report bookings explain review learn export verify status money evaluate simulate doctor forget completions man schema help" -f -a "simulate" -d 'Write a business with known truth, to test on and to rehearse an outage with'
complete -c rebook -n "__fish_rebook_using_subcommand help; and not __fish_seen_subcommand_from init demo rebuild pull build sheet report bookings explain review learn export verify status money evaluate simulate doctor forget completions man schema help" -f -a "doctor" -d 'What stands in the way of a rebuild: configuration, sources, mapping, disk, staging'
complete -c rebook -n "__fish_rebook_using_subcommand help; and not __fish_seen_subcommand_from init demo rebuild pull build sheet report bookings explain review learn export verify status money evaluate simulate doctor forget completions man schema help" -f -a "forget" -d 'Shred staging, what was learned and reports, when it is over: they hold people\'s data'
complete -c rebook -n "__fish_rebook_using_subcommand help; and not __fish_seen_subcommand_from init demo rebuild pull build sheet report bookings explain review learn export verify status money evaluate simulate doctor forget completions man schema help" -f -a "completions" -d 'Write the completions of a shell'
complete -c rebook -n "__fish_rebook_using_subcommand help; and not __fish_seen_subcommand_from init demo rebuild pull build sheet report bookings explain review learn export verify status money evaluate simulate doctor forget completions man schema help" -f -a "man" -d 'Write the manual\'s pages'
complete -c rebook -n "__fish_rebook_using_subcommand help; and not __fish_seen_subcommand_from init demo rebuild pull build sheet report bookings explain review learn export verify status money evaluate simulate doctor forget completions man schema help" -f -a "schema" -d 'Write the JSON Schema of what commands answer with --json, of rebook.toml, or of mapping files'
complete -c rebook -n "__fish_rebook_using_subcommand help; and not __fish_seen_subcommand_from init demo rebuild pull build sheet report bookings explain review learn export verify status money evaluate simulate doctor forget completions man schema help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
