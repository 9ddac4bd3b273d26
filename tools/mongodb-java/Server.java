import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.MongoVersion;
import de.bwaldvogel.mongo.backend.memory.MemoryBackend;
import java.util.List;

/**
 * A server of the MongoDB protocol that stores in memory: mongo-java-server, which answers a find by id within tenths of a
 * millisecond and changes one document at a time. Usage: java Server PORT
 */
public final class Server {
  public static void main(String[] arguments) throws InterruptedException {
    var backend = new MemoryBackend();
    backend.version(new DriversOldest());
    var server = new MongoServer(backend);
    server.bind("127.0.0.1", Integer.parseInt(arguments[0]));
    Runtime.getRuntime().addShutdownHook(new Thread(server::shutdownNow));
    Thread.currentThread().join();
  }

  /** Newer than what it says of itself: drivers refuse that, and ask for nothing that it lacks. */
  private static final class DriversOldest implements MongoVersion {
    @Override
    public List<Integer> getVersionArray() {
      return List.of(5, 0, 0);
    }

    @Override
    public int getWireVersion() {
      return 13;
    }
  }
}
