// The library's functions: check, get, release, copies to and from contiguous memory, contiguity, fill-info.
// Table: spec/tables/70-functions.yaml (rules function.*).  fill_contiguous_strides() is in layout.hpp. What
// CPython leaves undefined (a missing struct, sizes that contradict each other, shapes that do not match) is an
// error here.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "bufspec/errors.hpp"
#include "bufspec/flags.hpp"
#include "bufspec/format.hpp"
#include "bufspec/object.hpp"
#include "bufspec/view.hpp"

namespace bufspec {

// Whether the object's type is an exporter; no promise that a request succeeds [function.check_buffer.answers,
// function.check_buffer.no_promise].
// CPython: PyObject_CheckBuffer().
[[nodiscard]] bool check_buffer(const Object& object) noexcept;

// Asks the object for a buffer [function.get_buffer.new_reference, function.get_buffer.type_error].
//
// On success every field is filled and view.obj owns a reference; pair it with one release().  On failure view.obj
// is null and the rest untouched, in the 2010 edition all of it is undefined (untouched).
// Fails: type_error for an object that is no exporter; system_error for READ or WRITE alone on 3.13 and later;
// else as the exporter says.
// CPython: PyObject_GetBuffer().
[[nodiscard]] Status get_buffer(Object& object, Buffer& view, int word, Edition edition = Edition::current,
                                std::uint32_t runtime = latest_runtime) noexcept;

// Gives a buffer back: calls the exporter's slot, sets view.obj to null and drops the reference, in this order.
// Does nothing where view.obj is null, so a second call is harmless [function.release.calls_slot,
// function.release.clears_obj].
// CPython: PyBuffer_Release().
void release(Buffer& view) noexcept;

// Whether the memory of `view` fills one gap-free block in `order` [function.is_contiguous.*]: 'C', 'F', or 'A'
// for either; false for other letters, for any suboffsets, and for a struct that contradicts itself.
// CPython: PyBuffer_IsContiguous().
[[nodiscard]] bool is_contiguous(const Buffer& view, char order) noexcept;

// The address of the element at `index` [function.get_pointer.address].  Absent strides mean C order.
// Fails: value_error for a wrong number of indices or a struct without memory or shape, index_error for one out of
// range.
// CPython: PyBuffer_GetPointer(), which looks at nothing and needs strides [function.get_pointer.needs_strides].
[[nodiscard]] Result<char*> get_pointer(const Buffer& view, std::span<const ssize> index) noexcept;

// Copies the elements of `view` into `destination`, one behind the other [function.to_contiguous.*].
//
// 'C' and 'F' are index orders; 'A' copies contiguous memory as it lies and else means 'C'; other letters mean 'F'.
// Fails (value_error) where destination.size() is not view.len, and for a struct that contradicts itself.
// CPython: PyBuffer_ToContiguous().
[[nodiscard]] Status to_contiguous(std::span<char> destination, const Buffer& view, char order) noexcept;

// Copies `source` into the elements of `view` in turn [function.from_contiguous.*].
//
// More bytes than view.len are ignored; fewer fill the first elements in that order, and of a last one that is
// incomplete nothing is copied, except into contiguous memory.  'A' fills contiguous memory as it lies; 'A' and
// unknown letters else mean 'C'. Whether the memory may be written is the caller's affair
// [function.from_contiguous.readonly_unchecked].
// Fails (value_error) for a struct that contradicts itself.
// CPython: PyBuffer_FromContiguous().
[[nodiscard]] Status from_contiguous(const Buffer& view, std::span<const char> source, char order) noexcept;

// Puts `source` into the object's buffer in `order`, as from_contiguous() does [function.copy_to_object.*].
// Fails: as get_buffer() with FULL; value_error for more bytes than the buffer has.
// Described in the 2010 edition only; no CPython has it.
[[nodiscard]] Status copy_to_object(Object& object, std::span<const char> source, char order) noexcept;

// Copies the elements of one object to those of another [function.copy_data.*].
//
// Bytes as they lie where both are C- or both Fortran-contiguous, else element to element of the same indices.
// Fails: type_error unless both are exporters; the exporter's error where the destination is read-only;
// buffer_error where it is shorter; value_error where an index of the source has no element there, which CPython
// does not look at.
// CPython: PyObject_CopyData().
[[nodiscard]] Status copy_data(Object& destination, Object& source) noexcept;

// Fills `view` for an exporter of one line of bytes [function.fill_info.*].
//
// Shape and strides lie inside the struct.  `exporter` may be null.
// Fails: buffer_error without a view (success in the 2010 edition) and for WRITABLE on read-only memory;
// system_error for READ or WRITE alone on 3.13 and later.
// CPython: PyBuffer_FillInfo(), which leaves view->obj alone where it fails.
[[nodiscard]] Status fill_info(Buffer* view, Object* exporter, void* buf, ssize len, bool readonly, int word,
                               Edition edition = Edition::current, std::uint32_t runtime = latest_runtime) noexcept;

}  // namespace bufspec
