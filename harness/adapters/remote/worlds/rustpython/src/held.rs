//! What does a buffer of RustPython's own protocol show?  The module `held`: requests with flags, which Python code cannot
//! make, and memory of any layout without suboffsets.
use rustpython_vm::pymodule;

pub(crate) use held::module_def;

#[pymodule]
mod held {
    use rustpython_vm::{
        Py, PyObjectRef, PyPayload, PyRef, PyResult, VirtualMachine, pyclass,
        builtins::PyMemoryView,
        protocol::{BufferDescriptor, BufferFlags, PyBuffer, VecBuffer},
    };
    use std::borrow::Cow;

    /// A request; raises what the exporter raises.
    #[pyfunction]
    fn acquire(target: PyObjectRef, flags: u32, vm: &VirtualMachine) -> PyResult<Held> {
        let buffer = PyBuffer::from_object(vm, &target, BufferFlags::from_bits_retain(flags))?;
        Ok(Held { buffer })
    }

    #[pyfunction]
    fn is_exporter(target: PyObjectRef) -> bool {
        target.check_buffer()
    }

    /// A memoryview of a copy of `block`, of the layout with these itemsize, offset and readonly: the counterpart of
    /// PyMemoryView_FromBuffer.
    #[pyfunction]
    fn memory(
        block: Vec<u8>,
        format: String,
        numbers: Vec<isize>,
        shape: Vec<usize>,
        strides: Vec<isize>,
        vm: &VirtualMachine,
    ) -> PyResult<PyRef<PyMemoryView>> {
        let [itemsize, offset, readonly] = numbers[..] else {
            return Err(vm.new_value_error("itemsize, offset and readonly".to_owned()));
        };
        let itemsize = itemsize as usize;
        let descriptor = BufferDescriptor {
            len: itemsize * shape.iter().product::<usize>(),
            offset,
            readonly: readonly != 0,
            itemsize,
            format: Cow::Owned(format),
            dim_desc: shape.iter().zip(&strides).map(|(extent, stride)| (*extent, *stride, 0)).collect(),
        };
        let buffer = VecBuffer::from(block).into_ref(&vm.ctx).into_pybuffer_with_descriptor(descriptor);
        Ok(PyMemoryView::from_buffer(buffer, vm)?.into_ref(&vm.ctx))
    }

    /// One acquired PyBuffer.
    #[pyattr]
    #[pyclass(name = "Held")]
    #[derive(Debug, PyPayload)]
    struct Held {
        buffer: PyBuffer,
    }

    #[pyclass]
    impl Held {
        #[pygetset]
        fn len(zelf: &Py<Self>) -> usize {
            zelf.buffer.desc.len
        }

        #[pygetset]
        fn itemsize(zelf: &Py<Self>) -> usize {
            zelf.buffer.desc.itemsize
        }

        #[pygetset]
        fn readonly(zelf: &Py<Self>) -> bool {
            zelf.buffer.desc.readonly
        }

        #[pygetset]
        fn format(zelf: &Py<Self>) -> String {
            zelf.buffer.desc.format.to_string()
        }

        /// Extent, stride and suboffset of each dimension, one after the other.
        #[pymethod]
        fn dimensions(zelf: &Py<Self>, vm: &VirtualMachine) -> PyObjectRef {
            let numbers = zelf.buffer.desc.dim_desc.iter().flat_map(|(extent, stride, suboffset)| {
                [*extent as i64, *stride as i64, *suboffset as i64].map(|number| vm.ctx.new_int(number).into())
            });
            vm.ctx.new_list(numbers.collect()).into()
        }

        #[pygetset]
        fn is_c_contiguous(zelf: &Py<Self>) -> bool {
            zelf.buffer.desc.is_contiguous()
        }

        #[pygetset]
        fn is_fortran_contiguous(zelf: &Py<Self>) -> bool {
            zelf.buffer.desc.is_fortran_contiguous()
        }

        /// The elements in C order.
        #[pymethod]
        fn data(zelf: &Py<Self>, vm: &VirtualMachine) -> PyObjectRef {
            let mut bytes = Vec::new();
            zelf.buffer.append_to(&mut bytes);
            vm.ctx.new_bytes(bytes).into()
        }

        /// The elements in C order, by the copy that RustPython makes for consumers of contiguous memory.
        #[pymethod]
        fn contiguous(zelf: &Py<Self>, vm: &VirtualMachine) -> Option<PyObjectRef> {
            let copy = zelf.buffer.to_contiguous(vm);
            let bytes = copy.as_contiguous()?.to_vec();
            Some(vm.ctx.new_bytes(bytes).into())
        }

        /// The bytes of the element with these indices.
        #[pymethod]
        fn element(zelf: &Py<Self>, indices: Vec<isize>, vm: &VirtualMachine) -> PyResult<PyObjectRef> {
            let at = zelf.buffer.desc.position(&indices, vm)? as usize;
            let bytes = zelf.buffer.obj_bytes()[at..at + zelf.buffer.desc.itemsize].to_vec();
            Ok(vm.ctx.new_bytes(bytes).into())
        }

        /// Changes the first byte of the element with all indices 0, and returns what was there.
        #[pymethod]
        fn store(zelf: &Py<Self>, byte: u8) -> u8 {
            let at = zelf.buffer.desc.fast_position(&vec![0; zelf.buffer.desc.ndim()]) as usize;
            std::mem::replace(&mut zelf.buffer.obj_bytes_mut()[at], byte)
        }

        #[pymethod]
        fn release(zelf: &Py<Self>) {
            zelf.buffer.release();
        }
    }
}
