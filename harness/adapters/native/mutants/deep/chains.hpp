// The deep mutants: what has to happen to each, one event right after another, before it goes wrong.
// One line for each row of spec/deep_mutants.yaml, which says it in words.
#pragma once

#include <array>

#include "harness/adapters/native/bufspec_subject.h"
#include "machine.hpp"

namespace bufspec::deep {

struct Mutant {
  const char* name;
  bool builds;
  Fault fault;
  bool (*comes)(State& state, const Event& event);
};

#define BUFSPEC_DEEP(name, builds, fault, ...)                                                     \
  Mutant {                                                                                         \
    #name, builds, Fault::fault, [](State& s, const Event& e) { return chain(s, e, __VA_ARGS__); } \
  }

inline constexpr std::array mutants{
    BUFSPEC_DEEP(newer_released_first, false, len, get(BUFSPEC_WRITABLE), get(BUFSPEC_FORMAT), newest_of(2),
                 released(0), get(BUFSPEC_INDIRECT)),
    BUFSPEC_DEEP(older_released_first, false, readonly, get(BUFSPEC_STRIDES | BUFSPEC_FORMAT),
                 get(BUFSPEC_WRITABLE, BUFSPEC_FORMAT), operation(0), released(0), newest_of(1),
                 get(BUFSPEC_STRIDES | BUFSPEC_FORMAT)),
    BUFSPEC_DEEP(three_views_middle_first, false, itemsize, get(BUFSPEC_WRITABLE), any_get(), any_get(), operation(1),
                 released(1), released(1), get(BUFSPEC_FORMAT)),
    BUFSPEC_DEEP(released_between_requests, false, no_shape, get(BUFSPEC_C_CONTIGUOUS), use(),
                 get(BUFSPEC_F_CONTIGUOUS), released(1), get(BUFSPEC_ANY_CONTIGUOUS), released(1)),
    BUFSPEC_DEEP(newest_twice, false, len, get(BUFSPEC_FORMAT), get(BUFSPEC_FORMAT), newest_of(2), get(BUFSPEC_FORMAT),
                 newest_of(2), get(BUFSPEC_WRITABLE)),
    BUFSPEC_DEEP(all_three_newest_first, false, ndim, any_get(), any_get(), any_get(), operation(2), newest_of(3),
                 newest_of(2), newest_of(1), get(BUFSPEC_INDIRECT)),
    BUFSPEC_DEEP(all_three_oldest_first, false, refuses, any_get(), any_get(), get(BUFSPEC_WRITABLE), released(0),
                 released(0), released(0), get(BUFSPEC_FORMAT)),
    BUFSPEC_DEEP(stale_after_grow, false, ndim, operation(0), get(BUFSPEC_FORMAT | BUFSPEC_WRITABLE),
                 get(BUFSPEC_STRIDES), operation(1), get(BUFSPEC_WRITABLE)),
    BUFSPEC_DEEP(grown_twice, false, no_shape, operation(0), operation(0), get(BUFSPEC_WRITABLE | BUFSPEC_FORMAT)),
    BUFSPEC_DEEP(grow_after_views, false, ndim, get(BUFSPEC_WRITABLE), released(0), operation(0), get(BUFSPEC_FORMAT)),
    BUFSPEC_DEEP(grow_refused_then_view, false, keeps, get(BUFSPEC_FORMAT), operation(0), get(BUFSPEC_WRITABLE),
                 newest_of(2)),
    BUFSPEC_DEEP(close_refused_then_view, false, keeps, get(BUFSPEC_INDIRECT), operation(1), get(BUFSPEC_WRITABLE),
                 released(0)),
    BUFSPEC_DEEP(refused_three_times, false, len, get(BUFSPEC_WRITABLE), operation(0), operation(1), operation(2),
                 get(BUFSPEC_FORMAT)),
    BUFSPEC_DEEP(reopened, false, itemsize, operation(1), operation(2), get(BUFSPEC_FORMAT), released(0),
                 get(BUFSPEC_WRITABLE)),
    BUFSPEC_DEEP(reopened_after_view, false, no_shape, get(BUFSPEC_FORMAT), released(0), operation(1), operation(2),
                 get(BUFSPEC_FORMAT), operation(0), get(BUFSPEC_WRITABLE)),
    BUFSPEC_DEEP(asked_while_closed, false, ndim, operation(1), get(BUFSPEC_WRITABLE), operation(2),
                 get(BUFSPEC_FORMAT)),
    BUFSPEC_DEEP(closed_twice, false, len, operation(1), operation(1), operation(2), any_get(), operation(0),
                 get(BUFSPEC_WRITABLE)),
    BUFSPEC_DEEP(opened_twice, false, readonly, operation(2), operation(2), get(BUFSPEC_WRITABLE), get(BUFSPEC_FORMAT)),
    BUFSPEC_DEEP(used_while_two_are_held, false, readonly, get(BUFSPEC_WRITABLE), get(BUFSPEC_STRIDES), use(),
                 get(BUFSPEC_FORMAT), newest_of(3), operation(0), get(BUFSPEC_INDIRECT)),
    BUFSPEC_DEEP(used_twice, false, itemsize, get(BUFSPEC_WRITABLE), use(), get(BUFSPEC_FORMAT), newest_of(2), use(),
                 get(BUFSPEC_FORMAT), newest_of(2), get(BUFSPEC_INDIRECT)),
    BUFSPEC_DEEP(used_after_release, false, no_strides, get(BUFSPEC_WRITABLE), get(BUFSPEC_FORMAT), newest_of(2), use(),
                 get(BUFSPEC_INDIRECT), newest_of(2), operation(1)),
    BUFSPEC_DEEP(used_between_orders, false, refuses, use(), get(BUFSPEC_C_CONTIGUOUS), released(0),
                 get(BUFSPEC_F_CONTIGUOUS)),
    BUFSPEC_DEEP(used_with_writable, false, readonly, get(BUFSPEC_ANY_CONTIGUOUS), use(), get(BUFSPEC_WRITABLE)),
    BUFSPEC_DEEP(slot_after_library, false, len, get(BUFSPEC_WRITABLE | BUFSPEC_FORMAT), slot(BUFSPEC_STRIDES),
                 operation(0), get(BUFSPEC_ANY_CONTIGUOUS)),
    BUFSPEC_DEEP(slot_twice, false, itemsize, slot(BUFSPEC_FORMAT), slot(BUFSPEC_WRITABLE), operation(1),
                 slot(BUFSPEC_STRIDES)),
    BUFSPEC_DEEP(slot_then_release_then_library, false, no_shape, slot(BUFSPEC_WRITABLE), slot(BUFSPEC_FORMAT),
                 newest_of(2), get(BUFSPEC_FORMAT), newest_of(2), slot(BUFSPEC_FORMAT)),
    BUFSPEC_DEEP(slot_while_closed, false, format, operation(1), slot(BUFSPEC_FORMAT), operation(2),
                 get(BUFSPEC_WRITABLE)),
    BUFSPEC_DEEP(format_then_plain_then_format, false, format, get(BUFSPEC_FORMAT),
                 get(BUFSPEC_STRIDES, BUFSPEC_FORMAT | BUFSPEC_WRITABLE), operation(0),
                 get(BUFSPEC_FORMAT | BUFSPEC_WRITABLE)),
    BUFSPEC_DEEP(four_rungs_up, false, len, get(0, BUFSPEC_ND), get(BUFSPEC_ND, 0x10), get(BUFSPEC_STRIDES, 0x1e0),
                 get(BUFSPEC_INDIRECT)),
    BUFSPEC_DEEP(four_rungs_down, false, itemsize, get(BUFSPEC_INDIRECT), get(BUFSPEC_STRIDES, 0x1e0),
                 get(BUFSPEC_ND, 0x10), get(0, BUFSPEC_ND)),
    BUFSPEC_DEEP(writable_every_time, false, readonly, get(BUFSPEC_WRITABLE), get(BUFSPEC_WRITABLE), newest_of(2),
                 get(BUFSPEC_WRITABLE), newest_of(2), operation(2), get(BUFSPEC_WRITABLE)),
    BUFSPEC_DEEP(same_word_three_times, false, no_strides, get(BUFSPEC_F_CONTIGUOUS), get(BUFSPEC_F_CONTIGUOUS),
                 get(BUFSPEC_F_CONTIGUOUS), operation(0), get(BUFSPEC_F_CONTIGUOUS)),
    BUFSPEC_DEEP(c_then_f_then_c, false, len, get(BUFSPEC_C_CONTIGUOUS, 0xc0), get(BUFSPEC_F_CONTIGUOUS, 0xa0),
                 get(BUFSPEC_C_CONTIGUOUS, 0xc0)),
    BUFSPEC_DEEP(tenth_thousand_call, false, len, within(10000, 14000, 1), get(BUFSPEC_FORMAT)),
    BUFSPEC_DEEP(call_256, false, readonly, within(254, 300, 2), any_get()),
    BUFSPEC_DEEP(many_held, false, itemsize, holds(5), operation(2), get(BUFSPEC_FORMAT)),
    BUFSPEC_DEEP(all_eight_held, false, no_shape, holds(4), released(0), get(BUFSPEC_WRITABLE), get(BUFSPEC_FORMAT)),
    BUFSPEC_DEEP(items_16, true, len, items_are(16), get(BUFSPEC_WRITABLE), get(BUFSPEC_FORMAT)),
    BUFSPEC_DEEP(items_255, true, itemsize, items_are(255), get(BUFSPEC_FORMAT), newest_of(2), get(BUFSPEC_WRITABLE)),
    BUFSPEC_DEEP(seven_dimensions, true, no_strides, ndim_is(7), get(BUFSPEC_STRIDES | BUFSPEC_WRITABLE), released(0),
                 get(BUFSPEC_STRIDES | BUFSPEC_FORMAT)),
    BUFSPEC_DEEP(double_format, true, format, format_is('d'), get(BUFSPEC_WRITABLE), operation(0), get(BUFSPEC_FORMAT)),
    BUFSPEC_DEEP(structure_of_three_dimensions, true, refuses, ndim_is(3), get(BUFSPEC_FORMAT), newest_of(1),
                 get(BUFSPEC_WRITABLE)),
};

#undef BUFSPEC_DEEP

}  // namespace bufspec::deep
