// A buffer struct as it is handed to a subject: filled with poison, between canaries, so that what was written,
// and what was not, is evidence; and the value copy that the judge gets of it.
#pragma once

#include <cstddef>
#include <cstdint>

#include "bufspec/trace.hpp"

namespace bufspec::engine {

// The word that fills a struct before a call.  As an address it is not canonical on x86-64 and arm64; as a
// count it is absurd.  Its bytes differ, so that the fill is a few stores and not a call of memset.
inline constexpr std::uintptr_t poison_word = static_cast<std::uintptr_t>(0xabadcafeabadcafeULL);

inline bool is_poison(const void* pointer) noexcept { return reinterpret_cast<std::uintptr_t>(pointer) == poison_word; }
inline bool is_poison(ssize number) noexcept { return static_cast<std::uintptr_t>(number) == poison_word; }

// The struct must not move while its view is held: exporters may point into it.
class PoisonedView {
 public:
  PoisonedView() noexcept { poison(); }
  PoisonedView(const PoisonedView&) = delete;
  PoisonedView& operator=(const PoisonedView&) = delete;

  // Fills struct and canaries anew.
  void poison() noexcept {
    for (std::uintptr_t& word : words_) word = poison_word;
  }

  // Fills the struct anew; the canaries stay as they are.
  void poison_struct() noexcept {
    for (std::size_t i = canary_words; i < count - canary_words; ++i) words_[i] = poison_word;
  }

  [[nodiscard]] bool canaries_intact() const noexcept {
    const std::uintptr_t before = (words_[0] ^ poison_word) | (words_[1] ^ poison_word);
    const std::uintptr_t after = (words_[count - 2] ^ poison_word) | (words_[count - 1] ^ poison_word);
    return (before | after) == 0;
  }
  [[nodiscard]] Buffer& view() noexcept { return *reinterpret_cast<Buffer*>(words_ + canary_words); }
  [[nodiscard]] const Buffer& view() const noexcept { return *reinterpret_cast<const Buffer*>(words_ + canary_words); }

 private:
  static constexpr std::size_t canary_words = 2;
  static constexpr std::size_t count = sizeof(Buffer) / sizeof(std::uintptr_t) + 2 * canary_words;
  static_assert(sizeof(Buffer) % sizeof(std::uintptr_t) == 0);

  alignas(16) std::uintptr_t words_[count];
};

// What `pointer`, a pointer field of a poisoned struct, holds; looks whether `size` bytes can be read there.
[[nodiscard]] Pointer state_of(const void* pointer, std::size_t size) noexcept;

// The value of `view` after a call that was granted or not.  Trusts nothing in it: counts are clamped, arrays and format
// are read safely.  `owner` is what obj holds; `richest_buf` the buf of the richest answer, or null.  With `granted` false
// nothing else is looked at.
void copy_view(const Buffer& view, Owner owner, const void* richest_buf, bool granted, View& copy) noexcept;

}  // namespace bufspec::engine
