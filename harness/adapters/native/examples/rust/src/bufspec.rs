//! What of bufspec_subject.h this crate uses, as Rust has it.  A member that a library leaves out is None, or null.
#![allow(dead_code)]

use std::ffi::{c_char, c_int, c_void};

#[repr(C)]
pub struct Buffer {
    pub buf: *mut c_void,
    pub obj: *mut c_void,
    pub len: isize,
    pub itemsize: isize,
    pub readonly: c_int,
    pub ndim: c_int,
    pub format: *mut c_char,
    pub shape: *mut isize,
    pub strides: *mut isize,
    pub suboffsets: *mut isize,
    pub internal: *mut c_void,
}

pub const WRITABLE: c_int = 0x001;
pub const FORMAT: c_int = 0x004;
pub const ND: c_int = 0x008;
pub const STRIDES: c_int = 0x010 | ND;
pub const BUFFER_ERROR: c_int = 1;
pub const IS_READONLY: u32 = 1;
pub const FREE_THREADED: u32 = 4;

#[repr(C)]
pub struct Operation {
    pub name: *const c_char,
    pub run: extern "C" fn(*mut c_void) -> c_int,
}

#[repr(C)]
pub struct Exporter {
    pub size: usize,
    pub flags: u32,
    pub runtime: u32,
    pub make: extern "C" fn() -> *mut c_void,
    pub get_buffer: extern "C" fn(*mut c_void, *mut Buffer, c_int) -> c_int,
    pub release: extern "C" fn(*mut Buffer),
    pub drop: extern "C" fn(*mut c_void),
    pub elements: *const c_void,
    pub elements_len: isize,
    pub build: Option<extern "C" fn(*const c_void) -> *mut c_void>,
    pub operations: *const Operation,
    pub operation_count: usize,
    pub references: Option<extern "C" fn(*mut c_void) -> isize>,
    pub exception: Option<extern "C" fn() -> c_int>,
    pub set_exception: Option<extern "C" fn(c_int)>,
    pub get_buffer_slot: Option<extern "C" fn(*mut c_void, *mut Buffer, c_int) -> c_int>,
    pub is_object: Option<extern "C" fn(*const c_void) -> c_int>,
    pub collect: Option<extern "C" fn()>,
    pub use_: Option<extern "C" fn(*mut c_void, extern "C" fn(*mut c_void), *mut c_void)>,
}

#[repr(C)]
pub struct Subject {
    pub target: u32,
    pub reserved: u32,
    pub name: *const c_char,
    pub what: *const Exporter,
}

#[repr(C)]
pub struct Table {
    pub magic: u32,
    pub version: u32,
    pub library: *const c_char,
    pub count: usize,
    pub subjects: *const Subject,
}

unsafe impl Sync for Exporter {}
unsafe impl Sync for Subject {}
unsafe impl Sync for Table {}

pub const MAGIC: u32 = 0x6275_6673;
pub const VERSION: u32 = 1;
pub const EXPORTER: u32 = 1;

const _: () = assert!(std::mem::size_of::<Buffer>() == 80);
const _: () = assert!(std::mem::size_of::<Exporter>() == 144);
const _: () = assert!(std::mem::size_of::<Table>() == 32);
