/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Access to memory that another CPU, or the election thread, may be writing. All of it goes through these, so
 * that the compiler makes one access of each, and so that a test can stand between any two
 * (tests/bpf/interleaving.c). The exchanging ones are full barriers on every architecture; the others order
 * nothing. docs/data-plane.md ("Between CPUs") says why that is enough.
 */
#ifndef XVRRP_BPF_SHARED_H
#define XVRRP_BPF_SHARED_H

#ifndef READ_ONCE
#define READ_ONCE(x) (*(volatile typeof(x)*)&(x))
#define WRITE_ONCE(x, value) (*(volatile typeof(x)*)&(x) = (value))
#define EXCHANGE(x, value) __sync_lock_test_and_set(&(x), value)
/* Returns what was there; `value` is stored if that is `expected`. */
#define COMPARE_EXCHANGE(x, expected, value) __sync_val_compare_and_swap(&(x), expected, value)
#define FETCH_ADD(x, value) __sync_fetch_and_add(&(x), value)
#endif

#endif
