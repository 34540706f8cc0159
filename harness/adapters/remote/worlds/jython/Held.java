// What does a buffer of Jython's own protocol show?  One acquired PyBuffer, for a peer in Python: Python code cannot call getBuffer().
package bufspec.jython;

import org.python.core.BufferProtocol;
import org.python.core.Py;
import org.python.core.PyBUF;
import org.python.core.PyBuffer;
import org.python.core.PyObject;

public final class Held {
  private final PyBuffer buffer;

  private Held(PyBuffer buffer) {
    this.buffer = buffer;
  }

  /** A request; raises what the exporter raises, TypeError where there is none. */
  public static Held acquire(PyObject target, int flags) {
    if (!isExporter(target)) throw Py.TypeError("no exporter: " + target.getType().getName());
    return new Held(((BufferProtocol) target).getBuffer(flags));
  }

  public static boolean isExporter(PyObject target) {
    return target instanceof BufferProtocol;
  }

  /** The value of a flag of PyBUF; null for a name that it does not have. */
  public static Integer flag(String name) {
    try {
      return PyBUF.class.getField(name).getInt(null);
    } catch (ReflectiveOperationException missing) {
      return null;
    }
  }

  public int length() {
    return buffer.getLen();
  }

  public int itemsize() {
    return buffer.getItemsize();
  }

  public int ndim() {
    return buffer.getNdim();
  }

  public boolean isReadonly() {
    return buffer.isReadonly();
  }

  public int[] shape() {
    return buffer.getShape();
  }

  public int[] strides() {
    return buffer.getStrides();
  }

  public int[] suboffsets() {
    return buffer.getSuboffsets();
  }

  public String format() {
    return buffer.getFormat();
  }

  public boolean isContiguous(String order) {
    return buffer.isContiguous(order.charAt(0));
  }

  /** The elements in C order, as the numbers of their bytes. */
  public int[] data() {
    byte[] bytes = new byte[buffer.getLen()];
    buffer.copyTo(bytes, 0);
    int[] numbers = new int[bytes.length];
    for (int i = 0; i < bytes.length; ++i) numbers[i] = bytes[i] & 0xff;
    return numbers;
  }

  /** The first byte of the element with these indices. */
  public int at(int[] indices) {
    return buffer.intAt(indices);
  }

  public void store(int value, int index) {
    buffer.storeAt((byte) value, index);
  }

  public void release() {
    buffer.release();
  }
}
