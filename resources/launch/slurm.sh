#!/bin/bash
# Trains one recipe on several hosts of a Slurm cluster, a process for each GPU:
#     sbatch resources/launch/slurm.sh RECIPE.toml WORKSPACE
# Every host needs this environment, the recipe and the workspace under the same paths, as on a shared file system.
#SBATCH --job-name=tunewright
#SBATCH --nodes=2
#SBATCH --ntasks-per-node=1
#SBATCH --gpus-per-node=2
#SBATCH --cpus-per-task=16
#SBATCH --time=04:00:00
set -euo pipefail
export RECIPE=$(realpath "$1") WORKSPACE=$2
export MASTER_ADDR=$(scontrol show hostnames "$SLURM_JOB_NODELIST" | head -n 1)
export MASTER_PORT=$((20000 + SLURM_JOB_ID % 20000))
# One launcher on each host. Where one of them ends with an error, Slurm ends the others.
srun --kill-on-bad-exit=1 bash -c 'exec python -m torch.distributed.run \
    --nnodes "$SLURM_NNODES" --node-rank "$SLURM_NODEID" --nproc-per-node "${SLURM_GPUS_ON_NODE:-1}" \
    --master-addr "$MASTER_ADDR" --master-port "$MASTER_PORT" \
    -m engine run "$RECIPE" --workspace "$WORKSPACE"'
