// How an object that knows all of its memory answers a request for less.  Only for exporters of the reference.
#pragma once

#include "bufspec/layout.hpp"
#include "bufspec/object.hpp"
#include "bufspec/requests.hpp"

namespace bufspec {

// The word that is answered: bits that belong to no complete flag are dropped, unless they make a reserved word.
[[nodiscard]] inline int effective_word(int word, Edition edition) noexcept {
  const bool is_reserved = word == flag::READ || word == flag::WRITE;
  return is_reserved && edition == Edition::current ? word : complete_flags(word);
}

// Shows what `full` holds as far as `word` asks for it; on success view.obj is `owner`, without a reference taken.
// `full` has every array; `facts` are those of its memory.
[[nodiscard]] inline Status show(int word, const Buffer& full, const MemoryFacts& facts, Object* owner, Buffer& view,
                                 Edition edition, std::uint32_t runtime) noexcept {
  // The founding text would let an exporter answer more; to refuse it, as today, is right in both editions.
  RequestAnswer answer = answer_to(effective_word(word, edition), facts, Edition::current, runtime);
  if (answer.stray_bits)  // a reserved word on a runtime that does not refuse it
    answer = answer_to(complete_flags(word), facts, Edition::current, runtime);
  const bool refuses_format = answer.format_free && edition == Edition::current;
  if (answer.duty == Duty::must_refuse || refuses_format) {
    if (edition == Edition::current) view.obj = nullptr;
    return refuses_format ? Status{Error::buffer_error, "a format without a shape"}
                          : Status{answer.error, "the memory cannot be shown as requested"};
  }
  view.buf = full.buf;
  view.obj = owner;
  view.len = full.len;
  view.itemsize = full.itemsize;
  view.readonly = full.readonly;
  view.ndim = answer.ndim_free ? 1 : full.ndim;
  view.format = answer.format ? full.format : nullptr;
  view.shape = answer.shape == Holds::array ? full.shape : nullptr;
  view.strides = answer.strides == Holds::array ? full.strides : nullptr;
  view.suboffsets = answer.suboffsets == Holds::array ? full.suboffsets : nullptr;
  view.internal = nullptr;
  return {};
}

}  // namespace bufspec
