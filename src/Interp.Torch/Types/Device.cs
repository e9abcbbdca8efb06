namespace TorchSharp;

public static partial class torch
{
    /// <summary>Where a tensor's elements are: a kind of device and an index, -1 for the current one.</summary>
    public class Device
    {
        public Device(string description)
        {
            var parts = description.Split(':');
            type = TypeOf(parts[0]);
            if (parts.Length > 2 || (parts.Length == 2 && !int.TryParse(parts[1], out _)))
            {
                throw new ArgumentException($"'{description}' is no device: give a kind and an index, such as cpu or cuda:0.", nameof(description));
            }
            index = parts.Length == 2 ? int.Parse(parts[1]) : type == DeviceType.CUDA ? 0 : -1;
        }

        public Device(string deviceType, int index = -1) : this(TypeOf(deviceType), index)
        {
        }

        public Device(DeviceType deviceType, int index = -1)
        {
            type = deviceType;
            this.index = index;
        }

        public Device(int index) : this(DeviceType.CUDA, index)
        {
        }

        public int index { get; }

        public DeviceType type { get; }

        public override string ToString() => index >= 0 ? $"{type.ToString().ToLowerInvariant()}:{index}" : type.ToString().ToLowerInvariant();

        public static implicit operator Device(string description) => new(description);

        private static DeviceType TypeOf(string name) => name.ToLowerInvariant() switch
        {
            "cpu" => DeviceType.CPU,
            "cuda" => DeviceType.CUDA,
            "mps" => DeviceType.MPS,
            "meta" => DeviceType.META,
            _ => throw new ArgumentException($"'{name}' is no kind of device: cpu, cuda, mps or meta.", nameof(name)),
        };
    }

    public static readonly Device CPU = new(DeviceType.CPU);
    public static readonly Device META = new(DeviceType.META);

    public static Device CUDA => new(DeviceType.CUDA, 0);

    public static Device MPS => new(DeviceType.MPS, 0);

    private static Device? s_defaultDevice;

    public static Device get_default_device() => s_defaultDevice ?? CPU;

    public static void set_default_device(Device device) => s_defaultDevice = device;

    public static void set_default_device(string device) => s_defaultDevice = new Device(device);

    public static Device device(string description) => new(description);

    public static Device device(string deviceType, int index = -1) => new(deviceType, index);

    public static Device device(DeviceType deviceType, int index = -1) => new(deviceType, index);

    public static Device device(int index) => new(index);
}
