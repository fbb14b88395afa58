# Source this file (`. ./activate_dev_env.sh`): the checkout's packages and its own FOUNDATIONS_HOME.
_atlas_root="$(cd "$(dirname "${BASH_SOURCE[0]:-$0}")" && pwd)"
export PYTHONPATH="$_atlas_root/src${PYTHONPATH:+:$PYTHONPATH}"
export FOUNDATIONS_HOME="$_atlas_root/devenv/.foundations"
export FOUNDATIONS_SERVER="http://127.0.0.1:5555"
unset _atlas_root
