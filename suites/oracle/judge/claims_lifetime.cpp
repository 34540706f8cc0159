// Releases, views that are held, operations, repetitions; and what functions and checks of a runtime find.
#include "claims.hpp"

namespace bufspec::oracle {

namespace {

using namespace flag;
using enum Rule;

constexpr int leak_count = 1000;  // enough to tell bytes
const Step first{StepKind::acquire, 0, FULL_RO};

void add_releases(Claims& claim) {
  const Right released = asked("c_2d_int", SIMPLE);
  const Right raising = done("c_2d_int", {first, {StepKind::release_raising, 0, 0}});
  const Right copied = done("c_2d_int", {first, {StepKind::release_copy, 0, 0}});
  const Right re_entered = done("c_2d_int", {{StepKind::reenter, 0, FULL_RO}});
  claim(released, set(&Released::references_kept, 1), {lifetime_release_references_restored});
  claim(released, set(&Released::references_kept, -1), {lifetime_release_obj_kept});
  claim(released, set(&Released::obj, Owner::exporter), {lifetime_release_obj_null});
  for (const long kept : {1, -1}) claim(copied, set(&Released::references_kept, kept), {lifetime_release_through_copy});
  claim(copied, set(&Released::references_kept, std::nullopt), {});
  for (const Right& right : {released, copied, raising}) {
    claim(right, set(&Released::canaries_intact, false), {lifetime_struct_inside_only});
    claim(right, set(&Released::exception_set, true), {error_release_indicator_kept});
    claim(right, set(&Released::live_exception_lost, true), {error_release_indicator_kept});
    claim(right, set(&Released::unraisable, std::string("ValueError")), {error_release_indicator_kept});
  }
  claim(re_entered, set(&Released::references_kept, 1), {lifetime_release_references_restored});
  claim(re_entered, set(&View::len, 20), {field_len_product});
}

void add_held(Claims& claim) {
  const Right held = done("c_2d_int", {first, {StepKind::read, 0, 0}});
  for (unsigned field = field_bit::buf; field <= field_bit::internal; field <<= 1)
    for (unsigned Reread::* const what : {&Reread::changed, &Reread::unreadable, &Reread::freed})
      claim(held, set(what, field), {lifetime_export_arrays_valid});
  claim(held, set(&Reread::changed, field_bit::shape | field_bit::len), {lifetime_export_arrays_valid});
  claim(held, set(&Reread::memory_readable, false), {lifetime_export_memory_valid});
  claim(held, set(&Reread::memory_reused, true), {lifetime_export_memory_valid});
  claim(held, set(&Reread::elements, SameElements::different), {lifetime_export_memory_unchanged});
  claim(held, set(&Reread::elements, SameElements::not_compared), {});
  // What lies in memory that is no longer the view's is not reported twice.
  claim(held, [](Reread& r) { r.memory_reused = true, r.elements = SameElements::different; },
        {lifetime_export_memory_valid});

  const Right written = done("c_2d_int", {first, {StepKind::acquire, 1, FULL_RO}, {StepKind::write, 0, 0}});
  const auto of_volatile = [](auto change) {  // memory that others write too
    return [=](Trace& trace) {
      trace.observes &= ~observation::content;
      spoil(trace, change);
    };
  };
  claim(written, set(&Written::possible, false), {field_readonly_truthful});
  claim(written, set(&Written::read_back, false), {field_readonly_truthful});
  claim(written, [](Written& w) { w.tried = w.possible = w.read_back = false; }, {});
  claim(written, of_volatile(set(&Written::read_back, false)), {});
  claim(written, of_volatile(set(&Written::possible, false)), {field_readonly_truthful});
}

void add_direct(Claims& claim) {
  for (const int word : {FULL_RO, READ, WRITE}) {
    const Right direct = done("c_2d_int", {{StepKind::acquire_direct, 0, word}});
    claim(direct, set(&View::len, 5), {field_len_product});
  }
  // The slot may refuse the words that are reserved, as the function does, but not others.
  for (const int word : {READ, WRITE}) {
    const Right direct = done("c_2d_int", {{StepKind::acquire_direct, 0, word}});
    claim(direct, refused(Error::system_error), {});
    claim(direct, [](Answer& a) { refused(Error::system_error)(a), a.status = 0; }, {error_status_zero_or_minus_one});
  }
  claim(done("c_2d_int", {{StepKind::acquire_direct, 0, ND}}), refused(Error::system_error),
        {request_refusal_needless});
  // The function asks the slot: one answer for both.
  claim(done("c_2d_int", {{StepKind::acquire, 0, SIMPLE}, {StepKind::release, 0, 0}, {StepKind::acquire_direct, 0, 2}}),
        set(&View::ndim, 2), {request_unassigned_bits_ignored});
}

// Compared with a twin that was never exported.  While a view is held a refusal is what is asked for.
void add_operations(Claims& claim) {
  const Right operated = done("c_2d_int", {first, {StepKind::release, 0, 0}, {StepKind::mutate, 0, 0}});
  const auto raises = [](Error error, bool twin_raised, int views_held = 0, bool twin_tried = true) {
    return becomes(Mutated{"append",
                           views_held,
                           error != Error::none,
                           error,
                           std::string(error_name(error)),
                           twin_tried,
                           twin_raised,
                           {}});
  };
  claim(operated, raises(Error::buffer_error, false), {lifetime_export_lock_ends});
  claim(operated, raises(Error::type_error, false), {lifetime_export_lock_ends});
  claim(operated, raises(Error::buffer_error, true), {});
  claim(operated, raises(Error::none, true), {});
  claim(operated, raises(Error::buffer_error, false, 0, false), {});
  claim(operated, raises(Error::buffer_error, false, 1), {});
}

void add_repetitions(Claims& claim) {
  const auto often = [](std::string_view layout, StepKind kind, int word) {
    return done(layout, {{kind, 0, word, leak_count}});
  };
  const Right grants = often("c_2d_int", StepKind::repeat, FULL_RO);
  const Right refusals = often("strided_1d", StepKind::repeat, SIMPLE);
  const Right threads = done("c_2d_int", {{StepKind::threads, 0, FULL_RO, 10}});
  const auto grows = [](Repeated& r) { r.first_half_bytes = r.second_half_bytes = leak_count / 2 * 8; };
  claim(grants, grows, {lifetime_release_memory_restored});
  claim(grants, set(&Repeated::references_kept, leak_count), {lifetime_release_references_restored});
  claim(grants, set(&Repeated::references_kept, leak_count / 100), {lifetime_release_references_restored});
  claim(grants, set(&Repeated::references_kept, -leak_count), {lifetime_release_obj_kept});
  claim(refusals, set(&Repeated::references_kept, leak_count), {error_refusal_nothing_kept});
  claim(refusals, grows, {error_refusal_nothing_kept});
  claim(threads, set(&Repeated::references_kept, thread_count + 1), {lifetime_release_references_restored});
  claim(threads, set(&Repeated::elements_same, false), {lifetime_export_memory_valid});
  claim(grants, set(&Repeated::elements_same, false), {lifetime_export_memory_valid});
}

void add_functions(Claims& claim) {
  for (const LayoutRow& row : tables().layouts)
    for (const char order : {'C', 'F', 'A', 'x'}) {
      const Right right = called(row.name, order);
      claim(right, [](Called& c) { c.result = 1 - c.result; }, {function_is_contiguous_agrees});
      claim(right, set(&Called::error, Error::type_error), {function_is_contiguous_agrees});
    }
  for (const Rule check : runtime_checks) {
    claim(checked(check), set(&Called::wrong, "a fault"), {check});
    claim(checked(check), set(&Called::error, Error::system_error), {check});
  }
  for (const Rule check : exporter_checks) {
    const Right right = checked(check, Target::exporter);
    claim(right, set(&Called::wrong, "a fault"), {check});
    claim(right, set(&Called::error, Error::system_error), {check});
  }
}

}  // namespace

void add_lifetime_claims(Claims& claim) {
  add_releases(claim);
  add_held(claim);
  add_direct(claim);
  add_operations(claim);
  add_repetitions(claim);
  add_functions(claim);
}

}  // namespace bufspec::oracle
