#include "record_file.hpp"

#include <fcntl.h>
#include <pthread.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "definitions.hpp"

namespace bufspec::recorder {

namespace {

constexpr std::size_t page = 4096;
constexpr std::size_t window_size = std::size_t{1} << 20;
constexpr std::size_t longest_text = 1024;

Settings settings;
int descriptor = -1;
unsigned char* window = nullptr;
std::uint64_t window_start = 0;  // in the file
std::uint64_t number = 0;        // of this file among those of the process
std::uint64_t parent_process = 0, parent_number = 0, parent_size = 0;

void* map(std::uint64_t start, std::size_t size) noexcept {
  // Reserved first: to write to a page for which a full disk has no room would end the process.
  if (posix_fallocate(descriptor, static_cast<off_t>(start), static_cast<off_t>(size)) != 0) return nullptr;
  void* const found = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, static_cast<off_t>(start));
  if (found == MAP_FAILED) return nullptr;
#ifdef MADV_POPULATE_WRITE
  madvise(found, size, MADV_POPULATE_WRITE);  // all at once is cheaper than page by page; it need not succeed
#endif
  return found;
}

std::uint64_t size_of_file() noexcept { return window_start + static_cast<std::uint64_t>(file.next - window); }

void unmap() noexcept {
  if (window != nullptr) munmap(window, window_size);
  if (file.head != nullptr) munmap(file.head, page);
  if (descriptor >= 0) close(descriptor);
  window = nullptr;
  descriptor = -1;
  file = Open{};
}

void copy_command(Head& to) noexcept {
  const int text = open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC);
  if (text < 0) return;
  [[maybe_unused]] const ssize_t size = read(text, to.command, sizeof to.command - 1);
  close(text);
}

// The window from `start` on, with `used` bytes of it written.  Without one nothing more is written.
bool move_window(std::uint64_t start, std::size_t used) noexcept {
  unsigned char* const next =
      start + window_size > settings.most ? nullptr : static_cast<unsigned char*>(map(start, window_size));
  if (next == nullptr) {
    file.last = nullptr;
    return false;
  }
  if (window != nullptr) munmap(window, window_size);
  window = next;
  window_start = start;
  file.run = nullptr;
  file.next = window + used;
  file.last = window + window_size - largest_event;
  return true;
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
  file.head = static_cast<Head*>(map(0, page));
  if (file.head == nullptr || !move_window(page, 0)) {
    unmap();
    return errno = ENOSPC, false;
  }
  Head& it = *file.head;
  it.version = format_version;
  it.has_stacks = settings.has_stacks ? 1 : 0;
  it.process = static_cast<std::uint64_t>(getpid());
  it.parent_process = parent_process;
  it.parent_number = parent_number;
  it.parent_size = parent_size;
  it.runtime = settings.runtime;
  copy_command(it);
  std::memcpy(it.magic, "bufspecR", sizeof it.magic);
  return true;
}

// What comes later than a fork must not be counted in a byte that was written before.
void end_run() noexcept { file.run = nullptr; }

// In a child of fork(): the file is the parent's.
void leave_to_parent() noexcept {
  if (file.head == nullptr && !is_after_fork) return;
  if (!is_after_fork) {
    parent_process = file.head->process;
    parent_number = number;
    parent_size = size_of_file();
  }
  unmap();
  number = 0;
  is_after_fork = true;
}

}  // namespace

bool open_record(const Settings& given) noexcept {
  settings = given;
  static const bool is_watched = pthread_atfork(end_run, nullptr, leave_to_parent) == 0;
  return is_watched && make_file();
}

void begin_after_fork() noexcept {
  is_after_fork = false;
  if (make_file()) forget_definitions();
}

bool make_room() noexcept {
  if (file.last == nullptr) return false;
  const auto used = static_cast<std::size_t>(file.next - window);
  const std::size_t whole = used & ~(page - 1);
  return move_window(window_start + whole, used - whole);
}

void close_record() noexcept {
  if (file.head == nullptr) return;
  const std::uint64_t size = size_of_file();
  file.head->size = size;
  [[maybe_unused]] const int status = ftruncate(descriptor, static_cast<off_t>(size));
  unmap();
}

unsigned char* put(unsigned char* to, std::string_view text) noexcept {
  const std::size_t size = std::min(text.size(), longest_text);
  to = put(to, size);
  return std::copy_n(text.begin(), size, to);
}

}  // namespace bufspec::recorder
