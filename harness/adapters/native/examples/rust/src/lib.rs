//! An exporter in Rust: samples of sound that others may read and write, kept alive by an `Arc`.
//! cargo build --release && bufspec check --native target/release/libsamples.so
mod bufspec;

use bufspec::*;
use std::cell::{Cell, UnsafeCell};
use std::ffi::{c_char, c_int, c_void};
use std::ptr::null_mut;
use std::sync::Arc;

static ELEMENTS: [i16; 5] = [0, 1, -1, 300, -300];

struct Samples {
    memory: UnsafeCell<[i16; 5]>,
    shape: UnsafeCell<[isize; 1]>,
    strides: UnsafeCell<[isize; 1]>,
}

thread_local!(static ERROR: Cell<c_int> = const { Cell::new(0) });

extern "C" fn make() -> *mut c_void {
    let made = Samples {
        memory: UnsafeCell::new(ELEMENTS),
        shape: UnsafeCell::new([5]),
        strides: UnsafeCell::new([2]),
    };
    Arc::into_raw(Arc::new(made)) as *mut c_void
}

extern "C" fn give_up(object: *mut c_void) {
    drop(unsafe { Arc::from_raw(object as *const Samples) });
}

extern "C" fn get_buffer(object: *mut c_void, view: *mut Buffer, flags: c_int) -> c_int {
    let (samples, view) = unsafe { (&*(object as *const Samples), &mut *view) };
    let has = |flag: c_int| flags & flag == flag;
    if has(FORMAT) && !has(ND) {
        view.obj = null_mut();
        ERROR.set(BUFFER_ERROR);
        return -1;
    }
    unsafe { Arc::increment_strong_count(object as *const Samples) };
    *view = Buffer {
        buf: samples.memory.get() as *mut c_void,
        obj: object,
        len: 10,
        itemsize: 2,
        readonly: 0,
        ndim: 1,
        format: if has(FORMAT) { c"h".as_ptr() as *mut c_char } else { null_mut() },
        shape: if has(ND) { samples.shape.get() as *mut isize } else { null_mut() },
        strides: if has(STRIDES) { samples.strides.get() as *mut isize } else { null_mut() },
        suboffsets: null_mut(),
        internal: null_mut(),
    };
    0
}

extern "C" fn release(view: *mut Buffer) {
    give_up(unsafe { (*view).obj });
}

extern "C" fn references(object: *mut c_void) -> isize {
    let samples = unsafe { Arc::from_raw(object as *const Samples) };
    let count = Arc::strong_count(&samples) as isize;
    std::mem::forget(samples);
    count
}

extern "C" fn exception() -> c_int {
    ERROR.replace(0)
}

static EXPORTER: Exporter = Exporter {
    size: std::mem::size_of::<Exporter>(),
    flags: FREE_THREADED,
    runtime: 0,
    make,
    get_buffer,
    release,
    drop: give_up,
    elements: ELEMENTS.as_ptr() as *const c_void,
    elements_len: 10,
    build: None,
    operations: std::ptr::null(),
    operation_count: 0,
    references: Some(references),
    exception: Some(exception),
    set_exception: None,
    get_buffer_slot: None,
    is_object: None,
    collect: None,
    use_: None,
};

static SUBJECTS: [Subject; 1] =
    [Subject { target: bufspec::EXPORTER, reserved: 0, name: c"samples".as_ptr(), what: &EXPORTER }];

static TABLE: Table = Table {
    magic: MAGIC,
    version: VERSION,
    library: c"sound".as_ptr(),
    count: SUBJECTS.len(),
    subjects: SUBJECTS.as_ptr(),
};

#[no_mangle]
pub extern "C" fn bufspec_subjects() -> *const Table {
    &TABLE
}
