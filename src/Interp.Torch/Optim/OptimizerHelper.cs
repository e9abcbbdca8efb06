using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>An optimiser whose rule is managed code.</summary>
public abstract class OptimizerHelper : optim.Optimizer
{
    protected OptimizerOptions _defaults = new();
    private readonly Dictionary<Parameter, OptimizerState> _states = new(ReferenceEqualityComparer.Instance);

    public OptimizerHelper() : base(0)
    {
    }

    public override void add_param_group(ParamGroup param_group)
    {
        param_group.Parameters = [.. param_group.Parameters];
        if (param_group.Options.LearningRate is null) param_group.Options.LearningRate = _defaults.LearningRate;
        if (param_group.Options.InitialLearningRate == 0) param_group.Options.InitialLearningRate = param_group.LearningRate;
        _parameter_groups.Add(param_group);
        foreach (var parameter in param_group.Parameters)
        {
            if (_states.ContainsKey(parameter)) throw new ArgumentException("A parameter may stand in one group only.", nameof(param_group));
            var state = NewState(parameter);
            state.Initialize(param_group.Options);
            _states[parameter] = state;
        }
    }

    public override IEnumerable<Parameter> parameters() => base.parameters();

    public override void zero_grad() => base.zero_grad();

    public virtual StateDictionary state_dict()
    {
        var result = new StateDictionary();
        foreach (var group in _parameter_groups)
        {
            var indices = new List<int>();
            foreach (var parameter in group.Parameters)
            {
                indices.Add(result.State.Count);
                result.State.Add(_states[parameter]);
            }
            result.Options.Add(group.Options);
            result.StateIndexRef.Add(indices);
        }
        return result;
    }

    public virtual void load_state_dict(StateDictionary state_dict)
    {
        var own = this.state_dict();
        if (own.Options.Count != state_dict.Options.Count || own.State.Count != state_dict.State.Count)
        {
            throw new ArgumentException(
                $"The state is of {state_dict.Options.Count} groups and {state_dict.State.Count} parameters, the optimiser of {own.Options.Count} and {own.State.Count}.");
        }
        for (var k = 0; k < own.Options.Count; k++)
        {
            if (!ReferenceEquals(own.Options[k], state_dict.Options[k])) own.Options[k].LoadStateDict(state_dict.Options[k]);
        }
        for (var k = 0; k < own.State.Count; k++)
        {
            if (!ReferenceEquals(own.State[k], state_dict.State[k])) own.State[k].LoadStateDict(state_dict.State[k]);
        }
    }

    public void save_state_dict(string location)
    {
        using var writer = new BinaryWriter(File.Create(location));
        save_state_dict(writer);
    }

    public void save_state_dict(BinaryWriter writer)
    {
        var own = state_dict();
        writer.Write(GetType().Name);
        writer.Write(own.Options.Count);
        writer.Write(own.State.Count);
        foreach (var options in own.Options) options.SaveStateDict(writer);
        foreach (var state in own.State) state.SaveStateDict(writer);
    }

    public void load_state_dict(string location)
    {
        using var reader = new BinaryReader(File.OpenRead(location));
        load_state_dict(reader);
    }

    public void load_state_dict(BinaryReader reader)
    {
        var own = state_dict();
        var (name, groups, states) = (reader.ReadString(), reader.ReadInt32(), reader.ReadInt32());
        if (name != GetType().Name || groups != own.Options.Count || states != own.State.Count)
        {
            throw new InvalidDataException(
                $"The file holds the state of {name} with {groups} groups and {states} parameters; this is {GetType().Name} with {own.Options.Count} and {own.State.Count}.");
        }
        foreach (var options in own.Options) options.LoadStateDict(reader);
        foreach (var state in own.State) state.LoadStateDict(reader);
    }

    public void to(Device device)
    {
        foreach (var state in _states.Values) state.to(device);
    }

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (!disposing) return;
        foreach (var state in _states.Values) (state as IDisposable)?.Dispose();
        _states.Clear();
    }

    /// <summary>Runs the closure with gradients, then the rule on each group without.</summary>
    protected Tensor _step<T>(Action<T> body, Func<Tensor>? loss_closure = null) where T : ParamGroup
    {
        Tensor? loss = null;
        if (loss_closure is not null)
        {
            using (enable_grad()) loss = loss_closure();
        }
        using (no_grad())
        using (var scope = NewDisposeScope())
        {
            foreach (var group in _parameter_groups) body((T)group);
        }
        return loss!;
    }

    internal abstract OptimizerState NewState(Parameter parameter);

    internal OptimizerState StateOf(Parameter parameter) => _states[parameter];
}
