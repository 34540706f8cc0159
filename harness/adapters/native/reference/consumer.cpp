// The reference as a consumer, behind the C boundary: it copies the elements of what it is given.
#include <cstring>
#include <memory>
#include <string>

#include "bufspec/functions.hpp"
#include "harness/adapters/native/buffer.hpp"
#include "subjects.hpp"

namespace bufspec::native {

namespace {

bufspec_error consume(bufspec_object* exporter, void** result) {
  bufspec_buffer view{};
  if (bufspec_get_buffer(exporter, &view, BUFSPEC_FULL_RO) != 0) return BUFSPEC_BUFFER_ERROR;
  auto bytes = std::make_unique<std::string>(static_cast<std::size_t>(view.len < 0 ? 0 : view.len), '\0');
  Buffer copied{};
  std::memcpy(&copied, &view, sizeof copied);
  const Status status = to_contiguous(*bytes, copied, 'C');
  bufspec_release(&view);
  if (!status.ok()) return static_cast<bufspec_error>(status.error);
  *result = bytes.release();
  return BUFSPEC_OK;
}

void give_up(void* result) { delete static_cast<std::string*>(result); }

const void* bytes(void* result, bufspec_ssize* len) {
  const auto& made = *static_cast<std::string*>(result);
  *len = static_cast<bufspec_ssize>(made.size());
  return made.data();
}

}  // namespace

const bufspec_consumer& reference_consumer() {
  static const bufspec_consumer described = [] {
    bufspec_consumer made{};
    made.size = sizeof made;
    made.flags = BUFSPEC_FREE_THREADED;
    made.accepts = capability::all;
    made.consume = consume;
    made.give_up = give_up;
    made.bytes = bytes;
    return made;
  }();
  return described;
}

}  // namespace bufspec::native
