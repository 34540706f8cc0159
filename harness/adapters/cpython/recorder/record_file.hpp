// Where do events go, so that they are there after a crash?  Into a file that is mapped: what was written to memory is in the file,
// however the process ends.  A child of fork() gets a file of its own.
//
// Format: docs/reference/recordings.md.  Only the main interpreter records, so its lock is what keeps threads apart.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace bufspec::recorder {

inline constexpr std::uint32_t format_version = 2;
inline constexpr std::size_t largest_event = 16384;  // in bytes

// The first page of a record, which stays mapped.
struct Head {
  char magic[8];
  std::uint32_t version;
  std::uint32_t has_stacks;
  std::uint64_t process;
  std::uint64_t parent_process;  // of the file that was written to before the fork; 0 if there was none
  std::uint64_t parent_number;
  std::uint64_t parent_size;  // of that file at the fork
  std::uint64_t runtime;  // as PY_VERSION_HEX
  std::uint64_t requests;
  std::uint64_t releases;
  std::uint64_t unrecorded;  // requests and releases for which there was no room
  std::uint64_t state;  // state::*
  std::uint64_t functions;  // that are stood in for
  std::uint64_t size;  // of the file; 0 if it was never closed
  char command[2048];  // the arguments of the process, each ended by a zero byte
};
static_assert(sizeof(Head) <= 4096);

namespace state {
inline constexpr std::uint64_t running = 0;
inline constexpr std::uint64_t exit_began = 1;
inline constexpr std::uint64_t ended = 2;
}  // namespace state

struct Settings {
  std::string folder;
  std::uint64_t most = 0;  // bytes of a file
  bool has_stacks = false;
  std::uint64_t runtime = 0;
};

// Makes the file; false, with errno set, if that cannot be.
[[nodiscard]] bool open_record(const Settings& settings) noexcept;

// The file as it is written: its first page, and where the next event comes.
struct Open {
  Head* head = nullptr;
  unsigned char* next = nullptr;
  unsigned char* last = nullptr;  // an event may begin there, and no later
  unsigned char* run = nullptr;  // the byte that counts how many expected events came one after the other
};
inline Open file;

// Makes the file of a child of fork(), and defines nothing in it.
void begin_after_fork() noexcept;

inline bool is_after_fork = false;

// The first page; null while there is no file.
[[nodiscard]] inline Head* head() noexcept {
  if (is_after_fork) [[unlikely]]
    begin_after_fork();
  return file.head;
}

// Whether there is room for an event after the window was moved.
[[nodiscard]] bool make_room() noexcept;

// Room for one event of up to largest_event bytes; null if the file is full.  The event is there as soon as its first byte
// is, which close_event() writes last.
[[nodiscard]] inline unsigned char* open_event() noexcept {
  if (file.next > file.last && !make_room()) [[unlikely]]
    return nullptr;
  return file.next + 1;
}
inline void close_event(unsigned char kind, unsigned char* end) noexcept {
  // For whoever reads the file of a process that died in between: the compiler keeps the order, and so does the kernel.
  asm volatile("" ::: "memory");
  *file.next = kind;
  file.next = end;
}

// Writes that the expected event came: one more in the byte that counts them, where nothing else was written since.
inline constexpr unsigned char first_of_run = 128;
[[nodiscard]] inline bool lengthen_run() noexcept {
  if (file.run != nullptr && file.run + 1 == file.next && *file.run != 0xff) [[likely]] {
    ++*file.run;
    return true;
  }
  unsigned char* const to = open_event();
  if (to == nullptr) return false;
  file.run = file.next;
  close_event(first_of_run, to);
  return true;
}

void close_record() noexcept;

// Writes numbers and texts at `to`, and returns where they end.
inline unsigned char* put(unsigned char* to, std::uint64_t number) noexcept {
  for (; number >= 0x80; number >>= 7) *to++ = static_cast<unsigned char>(number | 0x80);
  *to++ = static_cast<unsigned char>(number);
  return to;
}
inline unsigned char* put_signed(unsigned char* to, std::int64_t number) noexcept {
  return put(to, (static_cast<std::uint64_t>(number) << 1) ^ static_cast<std::uint64_t>(number >> 63));
}
unsigned char* put(unsigned char* to, std::string_view text) noexcept;

}  // namespace bufspec::recorder
