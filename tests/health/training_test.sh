#!/usr/bin/env bash
# A training judges itself: it journals its health, tells whoever asked to be told, stops where its
# recipe says so, and goes on as if it had never stopped.
set -u
program=${GANDER_TEST_PROGRAM:?}
place=$(mktemp -d) || exit 1
trap 'rm -rf "$place"' EXIT
export GANDER_DIR=$place/store GANDER_SLOTS=1
mkdir "$GANDER_DIR"
cd "$place" || exit 1
echo 1..8

number=0
check() { # STATUS NAME
    number=$((number + 1))
    if [ "$1" = 0 ]; then echo "ok $number - $2"; else
        echo "not ok $number - $2"
        tail -n 20 "$place/output" | sed 's/^/# /'
    fi
}
gander() { "$program" "$@" >"$place/output" 2>&1 </dev/null; }

# Weights clipped to a ten thousandth: the discriminator must answer 0.5 to everything.
cat >blind.ini <<'END'
[experiment]
name = blind
[data]
source = digits
count = 500
[generator]
latent = 16
layers = dense 32 | lrelu 0.2 | dense 784 | tanh | reshape 1x28x28
[discriminator]
layers = flatten | dense 16 | lrelu 0.2 | dense 1
[training]
penalty = clip
penalty_weight = 0.0001
batch = 16
steps = 1700
threads = 1
report_every = 25
checkpoint_every = 500
evaluate_every = 0
[samples]
every = 5000
count = 4
END
health() { # RUN: what its journal says of it, times left out
    grep '"health"' "$GANDER_DIR/runs/$1/events.jsonl" | sed 's/"t":[0-9.]*,//'
}

cat >"$GANDER_DIR/config.ini" <<'END'
on_health = "echo $GANDER_RUN $GANDER_STEP $GANDER_STATE: $GANDER_REASON >>told"
END
gander run -f blind.ini && health 1 | sed -n 1p | grep -q '"step":25,"health":"warming up","why":"' &&
    health 1 | sed -n 2p | grep -q '"step":1[56][0-9]*,"health":"discriminator blind","why":".*0.500.*","advice":{"training.penalty_weight":0.001,"training.d_rate":0.0008,"training.d_steps":2}}$' &&
    [ "$(health 1 | wc -l)" = 2 ]
check $? a_new_state_is_journalled_with_evidence_and_advice

for ((i = 0; i < 100; i++)); do
    if [ -f told ] && [ "$(wc -l <told)" = 2 ]; then break; fi
    sleep 0.1
done
[ "$(cut -d: -f1 told | cut -d' ' -f1,3-)" = "$(printf '1 warming up\n1 discriminator blind')" ]
check $? on_health_is_run_for_each

gander show 1
grep -q '^    try training.penalty_weight=0.001, or training.d_rate=0.0008, or training.d_steps=2$' "$place/output"
check $? show_prints_the_advice_as_it_is_typed

# At step 1,000 nothing is wrong yet; what is said then depends on reports before it.
gander run -f -s training.steps=1000 blind.ini && gander resume -f 2 -s training.steps=1700 &&
    [ "$(health 1)" = "$(health 2)" ]
check $? a_run_that_goes_on_is_judged_like_one_that_never_stopped

gander run -f -s training.stop_when='mode collapse, discriminator-blind' blind.ini
[ $? = 143 ] && gander show --json 3 && grep -q '"state": *"stopped"' "$place/output" &&
    grep -q '"reason": *"discriminator blind: D answers the same .* (training.stop_when)"' "$place/output" &&
    ls "$GANDER_DIR"/runs/3/checkpoints/0000155*.safetensors >"$place/output"
check $? stop_when_ends_it_with_a_checkpoint_and_the_reason

gander resume -f 3 && gander show --json 3 && grep -q '"state": *"finished"' "$place/output" &&
    [ "$(health 1)" = "$(health 3)" ]
check $? what_stopped_can_be_resumed_and_goes_on

gander rerun -f --advice 1 -s training.steps=50 && gander show 4 &&
    grep -q 'training.penalty_weight = 0.001$' "$place/output" &&
    ! gander rerun --advice 4 && grep -q "its health, 'warming up', advises no values" "$place/output"
check $? rerun_takes_the_first_remedy

! gander run -s training.stop_when=diverged blind.ini &&
    grep -q "there is no state 'diverged' to stop at (there are discriminator-winning, " "$place/output" &&
    ! [ -e "$GANDER_DIR/runs/5" ]
check $? other_words_are_refused_before_anything_begins
