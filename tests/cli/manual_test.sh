#!/bin/sh
# The manual's sections COMMANDS, KEYS and HEALTH are what the program says of itself, and every variable is
# described.
program=${GANDER_TEST_PROGRAM:?}
manual=man/gander.1
echo 1..6

expected=$("$program" help --mdoc)
actual=$(sed -n '/^\.Sh COMMANDS/,/^\.Sh KEYS/p' "$manual" | grep -v '^\.\\"' | sed '1d;$d')
if [ -n "$expected" ] && [ "$expected" = "$actual" ]; then
    echo "ok 1 - manual_describes_every_command_as_its_table_does"
else
    echo "not ok 1 - manual_describes_every_command_as_its_table_does"
    echo "# man/gander.1 is out of date: run tests/tools/update-manual"
fi

missing=$("$program" help | sed -n 's/^  \([a-z-]*\)  .*/\1/p' | while read -r command; do
    grep -q "^\.Nm gander Cm $command\$" "$manual" || echo "$command"
    "$program" "$command" --help >/dev/null || echo "$command --help"
done)
if [ -z "$missing" ]; then
    echo "ok 2 - every_command_of_the_overview_has_a_manual_and_a_help"
else
    echo "not ok 2 - every_command_of_the_overview_has_a_manual_and_a_help"
    echo "# missing: $missing"
fi

# What src/ asks the environment for, and what it gives to others.
missing=$(grep -rhoE 'getenv\("[A-Za-z_]+"\)' src | sed 's/.*("\(.*\)")/\1/' | sort -u |
    grep -vxE 'HOME|PATH|PYTHONUNBUFFERED|OPENBLAS_NUM_THREADS' | while read -r variable; do
    sed -n '/^\.Sh ENVIRONMENT/,/^\.Sh FILES/p' "$manual" |
        grep -qE "^\.It Ev (.* )?$variable( |\$)" || echo "$variable"
done)
if [ -z "$missing" ]; then
    echo "ok 3 - manual_describes_every_variable_that_is_read"
else
    echo "not ok 3 - manual_describes_every_variable_that_is_read"
    echo "# missing: $missing"
fi

missing=$(grep -rhoE '"GANDER_[A-Z]+=%' src | tr -d '"=%' | sort -u | while read -r variable; do
    grep -qE "^\.(It )?Ev (.* )?$variable( |\$)" man/gander-journal.5 man/gander-config.5 ||
        echo "$variable"
done)
if [ -z "$missing" ]; then
    echo "ok 4 - manual_describes_every_variable_that_is_set"
else
    echo "not ok 4 - manual_describes_every_variable_that_is_set"
    echo "# missing: $missing"
fi

expected=$("$program" help --keys --mdoc)
actual=$(sed -n '/^\.Sh KEYS/,/^\.Sh HEALTH/p' "$manual" | sed '1,/^\.\\" What follows/d;$d')
if [ -n "$expected" ] && [ "$expected" = "$actual" ]; then
    echo "ok 5 - manual_describes_every_key_as_the_table_does"
else
    echo "not ok 5 - manual_describes_every_key_as_the_table_does"
    echo "# man/gander.1 is out of date: run tests/tools/update-manual"
fi

expected=$("$program" help --health --mdoc)
actual=$(sed -n '/^\.Sh HEALTH/,/^\.Sh ENVIRONMENT/p' "$manual" | sed '1,/^\.\\" What follows/d;$d')
if [ -n "$expected" ] && [ "$expected" = "$actual" ]; then
    echo "ok 6 - manual_describes_every_state_of_health_as_the_table_does"
else
    echo "not ok 6 - manual_describes_every_state_of_health_as_the_table_does"
    echo "# man/gander.1 is out of date: run tests/tools/update-manual"
fi
