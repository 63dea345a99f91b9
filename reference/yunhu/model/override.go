package model

// Override is a Model in which some operations are replaced, for whoever decorates one. A nil function is the operation of
// the Model below.
type Override struct {
	Model
	OnSend    func(Send) Sent
	OnList    func(List) []Conversation
	OnDismiss func(Dismiss) error
	OnSort    func(SortChange) error
	OnRemove  func(Remove) error
	OnJoin    func(Join)
}

// Send implements Model.
func (o Override) Send(op Send) Sent {
	if o.OnSend != nil {
		return o.OnSend(op)
	}
	return o.Model.Send(op)
}

// List implements Model.
func (o Override) List(op List) []Conversation {
	if o.OnList != nil {
		return o.OnList(op)
	}
	return o.Model.List(op)
}

// Dismiss implements Model.
func (o Override) Dismiss(op Dismiss) error {
	if o.OnDismiss != nil {
		return o.OnDismiss(op)
	}
	return o.Model.Dismiss(op)
}

// SortChange implements Model.
func (o Override) SortChange(op SortChange) error {
	if o.OnSort != nil {
		return o.OnSort(op)
	}
	return o.Model.SortChange(op)
}

// Remove implements Model.
func (o Override) Remove(op Remove) error {
	if o.OnRemove != nil {
		return o.OnRemove(op)
	}
	return o.Model.Remove(op)
}

// Join implements Model.
func (o Override) Join(op Join) {
	if o.OnJoin != nil {
		o.OnJoin(op)
		return
	}
	o.Model.Join(op)
}
