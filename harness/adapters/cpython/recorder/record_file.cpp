#include "record_file.hpp"

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

namespace bufspec::recorder {

namespace {

constexpr std::size_t page = 4096;
constexpr std::size_t window_size = std::size_t{1} << 20;
constexpr std::size_t longest_text = 1024;

std::atomic_flag lock = ATOMIC_FLAG_INIT;
Settings settings;
int descriptor = -1;
Head* mapped_head = nullptr;
unsigned char* window = nullptr;
std::uint64_t window_start = 0;  // in the file
std::size_t used = 0;            // of the window
std::uint64_t number = 0;        // of this file among those of the process
bool is_new = false;
bool is_full = false;
bool is_forked = false;  // and has no file of its own yet
std::uint64_t parent_process = 0, parent_number = 0, parent_size = 0;

void* map(std::uint64_t start, std::size_t size) noexcept {
  // Reserved first: to write to a page for which a full disk has no room would end the process.
  if (posix_fallocate(descriptor, static_cast<off_t>(start), static_cast<off_t>(size)) != 0) return nullptr;
  void* const found = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, static_cast<off_t>(start));
  return found == MAP_FAILED ? nullptr : found;
}

void unmap() noexcept {
  if (window != nullptr) munmap(window, window_size);
  if (mapped_head != nullptr) munmap(mapped_head, page);
  if (descriptor >= 0) close(descriptor);
  window = nullptr;
  mapped_head = nullptr;
  descriptor = -1;
}

void copy_command(Head& to) noexcept {
  const int file = open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC);
  if (file < 0) return;
  [[maybe_unused]] const ssize_t size = read(file, to.command, sizeof to.command - 1);
  close(file);
}

bool move_window(std::uint64_t start) noexcept {
  if (window != nullptr) munmap(window, window_size);
  window = nullptr;
  is_full = start + window_size > settings.most;
  if (!is_full) window = static_cast<unsigned char*>(map(start, window_size));
  is_full = window == nullptr;
  window_start = start;
  used = 0;
  return !is_full;
}

bool make_file() noexcept {
  char name[4096];
  do {
    ++number;
    const int size = std::snprintf(name, sizeof name, "%s/%ld.%llu.requests", settings.folder.c_str(),
                                   static_cast<long>(getpid()), static_cast<unsigned long long>(number));
    if (size < 0 || static_cast<std::size_t>(size) >= sizeof name) return errno = ENAMETOOLONG, false;
    descriptor = open(name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  } while (descriptor < 0 && errno == EEXIST && number < 100000);
  if (descriptor < 0) return false;
  mapped_head = static_cast<Head*>(map(0, page));
  if (mapped_head == nullptr || !move_window(page)) {
    unmap();
    return errno = ENOSPC, false;
  }
  Head& it = *mapped_head;
  it.version = format_version;
  it.has_stacks = settings.has_stacks ? 1 : 0;
  it.process = static_cast<std::uint64_t>(getpid());
  it.parent_process = parent_process;
  it.parent_number = parent_number;
  it.parent_size = parent_size;
  it.runtime = settings.runtime;
  copy_command(it);
  std::memcpy(it.magic, "bufspecR", sizeof it.magic);
  is_new = true;
  is_forked = false;
  return true;
}

// In a child of fork(): the file is the parent's.
void leave_to_parent() noexcept {
  lock.clear();
  if (descriptor < 0 && !is_forked) return;
  if (!is_forked) {
    parent_process = mapped_head->process;
    parent_number = number;
    parent_size = window_start + used;
  }
  unmap();
  number = 0;
  is_full = false;
  is_forked = true;
}

}  // namespace

Locked::Locked() noexcept {
  while (lock.test_and_set(std::memory_order_acquire)) sched_yield();
}
Locked::~Locked() { lock.clear(std::memory_order_release); }

bool open_record(const Settings& given) noexcept {
  const Locked locked;
  settings = given;
  static const bool is_watched = pthread_atfork(nullptr, nullptr, leave_to_parent) == 0;
  return is_watched && make_file();
}

Head* head() noexcept {
  if (is_forked && !make_file()) is_forked = false;  // and nothing is recorded here
  return mapped_head;
}

bool take_is_new() noexcept { return std::exchange(is_new, false); }

unsigned char* open_event() noexcept {
  if (is_full || window == nullptr) return nullptr;
  if (used + largest_event > window_size) {
    const std::size_t whole = used & ~(page - 1);
    const std::size_t rest = used - whole;
    const bool is_moved = move_window(window_start + whole);
    used = rest;
    if (!is_moved) return nullptr;
  }
  return window + used + 1;
}

void close_event(unsigned char kind, const unsigned char* end) noexcept {
  unsigned char* const begin = window + used;
  // After what it stands before, for whoever reads the file of a process that died in between.
  reinterpret_cast<std::atomic<unsigned char>*>(begin)->store(kind, std::memory_order_release);
  used += static_cast<std::size_t>(end - begin);
}

void close_record() noexcept {
  if (mapped_head == nullptr) return;
  const std::uint64_t size = window_start + used;
  mapped_head->size = size;
  [[maybe_unused]] const int status = ftruncate(descriptor, static_cast<off_t>(size));
  unmap();
  is_full = true;
}

unsigned char* put(unsigned char* to, std::string_view text) noexcept {
  const std::size_t size = std::min(text.size(), longest_text);
  to = put(to, size);
  return std::copy_n(text.begin(), size, to);
}

}  // namespace bufspec::recorder
