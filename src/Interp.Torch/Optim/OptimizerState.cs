using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>What an optimiser remembers of one parameter.</summary>
public abstract class OptimizerState
{
    protected Parameter _parameter;

    protected OptimizerState(Parameter parameter) => _parameter = parameter;

    public virtual bool ApproximatelyEquals(OptimizerState other) => false;

    public abstract void Initialize(OptimizerOptions options);

    public abstract void LoadStateDict(BinaryReader reader);

    public abstract void LoadStateDict(OptimizerState source);

    public abstract void SaveStateDict(BinaryWriter writer);

    public virtual void to(Device device)
    {
    }

    protected static void LoadConditionalStateTensor(BinaryReader reader, ref Tensor? result, Device device)
    {
        result?.Dispose();
        result = null;
        if (!reader.ReadBoolean()) return;
        using var loaded = TensorExtensionMethods.Load(reader);
        result = loaded.to(device, copy: true).DetachFromDisposeScope();
    }

    protected static void SaveConditionalStateTensor(BinaryWriter writer, Tensor? tensor)
    {
        writer.Write(tensor is not null);
        tensor?.Save(writer);
    }

    /// <summary>Zeros like the parameter that live until the state is disposed.</summary>
    internal Tensor Zeros()
    {
        using (no_grad()) return zeros_like(_parameter).DetachFromDisposeScope();
    }

    internal static void Replace(ref Tensor? mine, Tensor? source)
    {
        mine?.Dispose();
        mine = source?.clone().DetachFromDisposeScope();
    }

    internal static void Move(ref Tensor? mine, Device device)
    {
        if (mine is null || mine.device.ToString() == device.ToString()) return;
        mine = mine.to(device, disposeAfter: true).DetachFromDisposeScope();
    }

    internal static bool Close(Tensor? one, Tensor? other) => one is null ? other is null : other is not null && one.allclose(other);
}
