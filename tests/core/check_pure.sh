#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# check_pure.sh NM LIBRARY: the core must call no clock, socket, log, BPF function or allocator. So it may need nothing
# from outside but its own code and what compilers put in by themselves; whatever else it references is printed.
set -eu
nm=$1
library=$2

symbols=$("$nm" -u "$library" | awk '$1 == "U" { print $2 }' | sort -u)
if [ -z "$symbols" ]; then
  echo "$library: $nm shows no symbols at all, so nothing was checked" >&2
  exit 1
fi

own='_ZNK?5xvrrp'
memory='mem(cpy|move|set|cmp)(_chk)?|__mem(cpy|move|set)_chk'
failing='__assert_fail|abort|_ZSt21__glibcxx_assert_fail.*|__stack_chk_fail|__gxx_personality_v0|_Unwind_Resume'
tools='__(asan|ubsan|sanitizer|gcov|llvm)_.*|_GLOBAL_OFFSET_TABLE_'

foreign=$(printf '%s\n' "$symbols" | grep -Ev "^($own.*|$memory|$failing|$tools)$" || true)
if [ -n "$foreign" ]; then
  echo "$library is not pure, it references:" >&2
  printf '%s\n' "$foreign" >&2
  exit 1
fi
