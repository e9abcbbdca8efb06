namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <summary>One thing to be captured at one hook point.</summary>
internal sealed class CaptureSlot(Unit unit, HookName name, ICaptureSink sink)
{
    /// <summary>What is captured.</summary>
    public Unit Unit => unit;

    /// <summary>Where.</summary>
    public HookName Name => name;

    /// <summary>Hands the unit's part of an activation to the sink.</summary>
    public void Take(Tensor activation, RunInput input, int past, bool keepGraph)
    {
        if (unit.IsWhole)
        {
            sink.Take(name, unit, activation, keepGraph);
            return;
        }
        using var scope = NewDisposeScope();
        var part = Selection.Resolve(unit, activation.shape, input, past, lenient: false, complete: true)!.Read(activation);
        sink.Take(name, unit, keepGraph ? part : part.clone(), keepGraph);
    }
}

/// <summary>Where captured activations go.</summary>
internal interface ICaptureSink
{
    /// <summary>Receives an activation, or the part of it that was asked for. With the graph kept, the tensor becomes the sink's; else it must make a handle of its own.</summary>
    void Take(HookName name, Unit unit, Tensor activation, bool keepGraph);
}
