# A private Slurm of one node on loopback, for tests: sourced by them. Needs sbatch, slurmctld, slurmd
# and munged, no systemd and no cgroups. Daemons run as who starts them; as root they run jobs for any
# user.
#
#   cluster_missing          prints what is not installed
#   cluster_start DIR        all three daemons, and waits until the node is idle; sets SLURM_CONF
#   cluster_stop             cancels jobs, ends the daemons by their pids
#   controller_stop, controller_start
#   controller_hang, controller_wake    it takes connections, and does not answer
#
# shellcheck shell=bash
PATH=$PATH:/usr/sbin:/sbin

cluster_missing() {
    for command in munged slurmctld slurmd sbatch; do
        command -v "$command" >/dev/null 2>&1 || printf ' %s' "$command"
    done
}

until_true() { # SECONDS COMMAND...: polls
    until_end=$(($(date +%s) + $1))
    shift
    until "$@" >/dev/null 2>&1; do
        [ "$(date +%s)" -lt "$until_end" ] || return 1
        sleep 0.1
    done
}

# A port nobody answers on, from a pair of this process's own.
cluster_port() { # OFFSET
    port=$((20000 + ($$ * 2 + $1) % 9000))
    while (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do port=$((port + 7)); done
    echo "$port"
}

cluster_configure() {
    host=$(hostname -s 2>/dev/null || hostname)
    user=$(id -un)
    mkdir -p "$cluster/etc" "$cluster/munge" "$cluster/state" "$cluster/spool" "$cluster/log"
    chmod 755 "$cluster" "$cluster/etc" "$cluster/munge" "$cluster/spool" "$cluster/log"
    chmod 700 "$cluster/state"
    (umask 077 && dd if=/dev/urandom bs=1 count=1024 of="$cluster/munge/key" 2>/dev/null)
    first=$(cluster_port 0)
    second=$(cluster_port 1)
    cat >"$cluster/etc/slurm.conf" <<END
ClusterName=test
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=$first
SlurmdPort=$second
CommunicationParameters=NoCtldInAddrAny,NoInAddrAny
SlurmUser=$user
SlurmdUser=$user
AuthType=auth/munge
CredType=cred/munge
AuthInfo=socket=$cluster/munge/socket,cred_expire=5
StateSaveLocation=$cluster/state
SlurmdSpoolDir=$cluster/spool
SlurmctldPidFile=$cluster/ctld.own
SlurmdPidFile=$cluster/slurmd.own
SlurmctldLogFile=$cluster/log/slurmctld.log
SlurmdLogFile=$cluster/log/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
MpiDefault=none
SwitchType=switch/none
MailProg=/bin/true
SlurmdParameters=config_overrides
AccountingStorageType=accounting_storage/none
JobCompType=jobcomp/filetxt
JobCompLoc=$cluster/log/jobcomp.log
MinJobAge=${CLUSTER_MIN_JOB_AGE:-300}
SchedulerType=sched/backfill
SchedulerParameters=batch_sched_delay=0,sched_interval=1,bf_interval=1,sched_min_interval=10000
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
KillWait=2
ReturnToService=2
SlurmctldTimeout=30
SlurmdTimeout=60
NodeName=n1 NodeHostname=$host NodeAddr=127.0.0.1 Port=$second CPUs=2 RealMemory=1000 State=UNKNOWN
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
PartitionName=main Nodes=n1 Default=YES MaxTime=INFINITE DefaultTime=60 PriorityTier=1 State=UP
PartitionName=urgent Nodes=n1 MaxTime=INFINITE DefaultTime=60 PriorityTier=9 PreemptMode=OFF State=UP
END
    printf 'CgroupAutomount=no\nIgnoreSystemd=yes\nConstrainCores=no\nConstrainRAMSpace=no\n' \
        >"$cluster/etc/cgroup.conf"
}

munge_answers() { munge -S "$cluster/munge/socket" -n | unmunge -S "$cluster/munge/socket"; }
controller_answers() { scontrol ping | grep -q ' is UP'; }
node_is_idle() { [ "$(sinfo -h -N -p main -n n1 -o %T)" = idle ]; }

controller_start() {
    setsid slurmctld -D -f "$SLURM_CONF" </dev/null >>"$cluster/log/slurmctld.out" 2>&1 &
    controller=$!
    until_true 20 controller_answers
}

# What a daemon does not end for is killed.
end_daemon() { # PID
    [ -n "$1" ] || return 0
    kill "$1" 2>/dev/null
    for _ in 1 2 3 4 5 6 7 8 9 10; do
        kill -0 "$1" 2>/dev/null || break
        sleep 0.2
    done
    kill -KILL "$1" 2>/dev/null
    wait "$1" 2>/dev/null
    return 0
}

controller_stop() {
    end_daemon "${controller:-}"
    controller=
}

controller_hang() { kill -STOP "$controller"; }
controller_wake() {
    kill -CONT "$controller"
    until_true 20 controller_answers
}

cluster_start() { # DIR
    cluster=$1
    export SLURM_CONF="$cluster/etc/slurm.conf"
    cluster_configure
    setsid munged -F --force -S "$cluster/munge/socket" --key-file "$cluster/munge/key" \
        --pid-file "$cluster/munge/own" --log-file "$cluster/log/munged.log" \
        --seed-file "$cluster/munge/seed" --num-threads 2 </dev/null >>"$cluster/log/munged.out" 2>&1 &
    munge_daemon=$!
    until_true 10 munge_answers && controller_start || return 1
    setsid slurmd -D -f "$SLURM_CONF" -N n1 </dev/null >>"$cluster/log/slurmd.out" 2>&1 &
    node_daemon=$!
    until_true 20 node_is_idle
}

cluster_is_empty() { [ -z "$(squeue -h)" ]; }

cluster_stop() {
    [ -n "${cluster:-}" ] || return 0
    scancel --quiet --full --signal=KILL --partition=main 2>/dev/null
    scancel --quiet --partition=main 2>/dev/null
    scancel --quiet --partition=urgent 2>/dev/null
    until_true 10 cluster_is_empty
    end_daemon "${node_daemon:-}"
    controller_stop
    end_daemon "${munge_daemon:-}"
    cluster=
}
