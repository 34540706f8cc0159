// How is a Python file run by GraalPy inside a JVM?  With the standard streams and the files of the process.
// Usage: Launcher FILE
import java.io.File;
import org.graalvm.polyglot.Context;
import org.graalvm.polyglot.Source;

public final class Launcher {
  private Launcher() {}

  public static void main(String[] arguments) throws Exception {
    File file = new File(arguments[0]);
    try (Context context =
        Context.newBuilder("python")
            .allowAllAccess(true)
            .option("engine.WarnInterpreterOnly", "false")  // else each start complains that nothing is compiled
            .option("python.PythonPath", file.getAbsoluteFile().getParent() + "/../any_python")
            .build()) {
      context.eval(Source.newBuilder("python", file).build());
    }
  }
}
