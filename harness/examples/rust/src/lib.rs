//! A table of 32-bit integers that grows by rows and exports its memory, in Rust with PyO3.

use std::ffi::{c_int, c_void};
use std::ptr;

use pyo3::exceptions::{PyBufferError, PyValueError};
use pyo3::ffi;
use pyo3::prelude::*;

#[pyclass]
struct Table {
    columns: usize,
    items: Vec<i32>,
    /// Rows and columns, and the bytes between them, at a place that stays: views point here.
    shape: Box<[ffi::Py_ssize_t; 2]>,
    strides: Box<[ffi::Py_ssize_t; 2]>,
    /// While views are held the memory must not move.
    exports: usize,
}

const ITEM: ffi::Py_ssize_t = size_of::<i32>() as ffi::Py_ssize_t;

#[pymethods]
impl Table {
    #[new]
    fn new(columns: usize) -> PyResult<Self> {
        if columns == 0 || columns > 1 << 20 {
            return Err(PyValueError::new_err("a table has 1 to 2**20 columns"));
        }
        let columns_signed = columns as ffi::Py_ssize_t;
        Ok(Table {
            columns,
            // The pointer of a Vec that never held anything leads nowhere, and binascii.a2b_uu() follows it.
            items: Vec::with_capacity(columns),
            shape: Box::new([0, columns_signed]),
            strides: Box::new([columns_signed * ITEM, ITEM]),
            exports: 0,
        })
    }

    /// Add a row at the end.
    fn append(&mut self, row: Vec<i32>) -> PyResult<()> {
        if row.len() != self.columns {
            return Err(PyValueError::new_err(format!(
                "a row has {} items",
                self.columns
            )));
        }
        if self.exports > 0 {
            return Err(PyBufferError::new_err(
                "cannot append to a table while its memory is exported",
            ));
        }
        self.items.extend(row);
        self.shape[0] += 1;
        Ok(())
    }

    unsafe fn __getbuffer__(
        slf: Bound<'_, Self>,
        view: *mut ffi::Py_buffer,
        flags: c_int,
    ) -> PyResult<()> {
        let has = |wanted: c_int| flags & wanted == wanted;
        // SAFETY: the interpreter hands a struct that is ours to fill in.
        let view = unsafe { &mut *view };
        view.obj = ptr::null_mut(); // what a refusal must leave
        let mut table = slf
            .try_borrow_mut()
            .map_err(|_| PyBufferError::new_err("the table is in use"))?;
        let both_orders = table.shape[0] <= 1 || table.shape[1] <= 1;
        if has(ffi::PyBUF_F_CONTIGUOUS) && !both_orders {
            return Err(PyBufferError::new_err("a table has its rows in C order"));
        }
        view.buf = table.items.as_mut_ptr().cast::<c_void>();
        view.len = table.items.len() as ffi::Py_ssize_t * ITEM;
        view.itemsize = ITEM;
        view.readonly = 0;
        view.ndim = 2;
        // What is not requested must be NULL.
        view.format = if has(ffi::PyBUF_FORMAT) {
            c"i".as_ptr().cast_mut()
        } else {
            ptr::null_mut()
        };
        view.shape = if has(ffi::PyBUF_ND) {
            table.shape.as_mut_ptr()
        } else {
            ptr::null_mut()
        };
        view.strides = if has(ffi::PyBUF_STRIDES) {
            table.strides.as_mut_ptr()
        } else {
            ptr::null_mut()
        };
        view.suboffsets = ptr::null_mut();
        view.internal = ptr::null_mut();
        table.exports += 1;
        drop(table);
        view.obj = slf.into_ptr();
        Ok(())
    }

    unsafe fn __releasebuffer__(&mut self, _view: *mut ffi::Py_buffer) {
        self.exports -= 1;
    }
}

#[pymodule]
fn table_in_rust(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<Table>()
}
